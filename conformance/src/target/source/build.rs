//! Building: a command in a copy of the program's folder, isolated as the program will be, and what it leaves there.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::timeout;

use super::folder::{Folder, here};
use super::workshop::Workshop;
use super::{executable, pick};
use crate::isolation::{Isolation, Limits, Unset};
use crate::spec::Party;
use crate::target::ending::Ending;
use crate::target::last_words::LastWords;
use crate::target::place::Place;
use crate::target::program::Program;
use crate::target::recipe::{Recipe, typed_words};
use crate::target::{LaunchError, refusal};

/// How long a build may take, unless it is said otherwise.
pub const BUILD_LIMIT: Duration = Duration::from_secs(60);
/// How long an isolated build may run if nobody ends it.
const FORGOTTEN: Duration = Duration::from_secs(60);

const MIB: u64 = 1 << 20;

/// What builds: the first of these names that is on PATH.
#[derive(Debug)]
pub(super) struct Tool {
    pub(super) names: &'static [&'static str],
    /// What to install.
    pub(super) package: &'static str,
}

/// Where the program is when it is built.
#[derive(Clone, Copy, Debug)]
pub(super) enum Made {
    /// Where its command says.
    Known,
    /// Among the programs of this folder.
    In(&'static str),
    /// Among the programs that were not there before. `runs`: else `make run` runs it.
    Anywhere { runs: bool },
}

/// What has to be done before a program can be launched.
#[derive(Clone, Debug)]
pub struct Build {
    /// How long it may take.
    pub limit: Duration,
    folder: PathBuf,
    /// Of the folder only this.
    file: Option<OsString>,
    tool: Option<&'static Tool>,
    words: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    /// Variables that name a folder to write to.
    scratch: Vec<&'static str>,
    shown: Vec<PathBuf>,
    added: Option<(OsString, String)>,
    /// What of the folder is not copied to be built, and what not afterwards.
    left: [fn(&Path) -> bool; 2],
    made: Made,
    /// What is looked for among what was made.
    party: Party,
    command: Vec<OsString>,
    arguments: Vec<OsString>,
}

impl Build {
    /// A build by a tool with these words; what it makes is run by `command`.
    pub(super) fn new(
        folder: &Folder,
        tool: &'static Tool,
        words: impl IntoIterator<Item = OsString>,
        command: Vec<OsString>,
    ) -> Self {
        let words = words.into_iter().collect();
        Self { tool: Some(tool), words, ..Self::none(folder, &command) }
    }

    /// No build, but a copy to run in.
    pub(super) fn none(folder: &Folder, command: &[OsString]) -> Self {
        Self {
            limit: BUILD_LIMIT,
            folder: folder.path.clone(),
            file: None,
            tool: None,
            words: Vec::new(),
            environment: Vec::new(),
            scratch: Vec::new(),
            shown: Vec::new(),
            added: None,
            left: [|path| path == Path::new(".git"), |_| false],
            made: Made::Known,
            party: Party::Server,
            command: command.to_vec(),
            arguments: Vec::new(),
        }
    }

    pub(super) fn of_file(self, file: &OsStr) -> Self {
        Self { file: Some(file.to_owned()), ..self }
    }

    pub(super) fn with_environment<V: Into<OsString>>(
        mut self,
        variables: impl IntoIterator<Item = (&'static str, V)>,
    ) -> Self {
        self.environment.extend(variables.into_iter().map(|(name, it)| (name.into(), it.into())));
        self
    }

    pub(super) fn with_scratch(self, names: impl IntoIterator<Item = &'static str>) -> Self {
        Self { scratch: names.into_iter().collect(), ..self }
    }

    pub(super) fn with_arguments(self, arguments: &[OsString]) -> Self {
        Self { arguments: arguments.to_vec(), ..self }
    }

    /// With files that it may read beside the system's and its own.
    pub(super) fn showing(self, shown: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { shown: shown.into_iter().collect(), ..self }
    }

    /// With a file of the runner's.
    pub(super) fn adding(self, file: OsString, text: String) -> Self {
        Self { added: Some((file, text)), ..self }
    }

    pub(super) fn leaving(self, before: fn(&Path) -> bool, after: fn(&Path) -> bool) -> Self {
        Self { left: [before, after], ..self }
    }

    pub(super) fn making(self, made: Made) -> Self {
        Self { made, ..self }
    }

    pub(super) fn of(self, party: Party) -> Self {
        Self { party, ..self }
    }

    pub(in crate::target) fn arguments_mut(&mut self) -> &mut Vec<OsString> {
        &mut self.arguments
    }

    /// What builds, as it would be typed; nothing, where only a copy is made.
    pub(super) fn shown(&self) -> Option<String> {
        self.tool.map(|tool| typed_words(&self.line(tool)))
    }

    fn line(&self, tool: &Tool) -> Vec<OsString> {
        let is_there = |name: &&&str| refusal::find(Path::new(name)).is_some();
        let name = tool.names.iter().find(is_there).or_else(|| tool.names.first());
        name.map(OsString::from).into_iter().chain(self.words.iter().cloned()).collect()
    }

    /// Builds in `place`, and tells the folder to run in and the command.
    async fn perform(
        &self,
        place: &Place,
        workshop: &Workshop,
    ) -> Result<(PathBuf, Vec<OsString>), LaunchError> {
        let uncopied = |why| LaunchError::NotCopied { path: self.folder.clone(), why };
        let copied = workshop.copied(&self.folder, self.file.as_deref(), &self.left[0]);
        let mut folder = copied.map_err(uncopied)?;
        if let Some((file, text)) = &self.added {
            std::fs::write(folder.join(file), text).map_err(uncopied)?;
        }
        if let Some(tool) = self.tool {
            folder = self.call(tool, place, workshop, folder).await?;
        }
        let mut command = self.program(&folder)?;
        command.extend(self.arguments.iter().cloned());
        Ok((folder, command))
    }

    /// Calls the tool in its copy of the folder, and tells where what it made is then.
    async fn call(
        &self,
        tool: &'static Tool,
        place: &Place,
        workshop: &Workshop,
        work: PathBuf,
    ) -> Result<PathBuf, LaunchError> {
        let mut recipe = Recipe {
            environment: self.environment.clone(),
            directory: Some(work.clone()),
            place: self.place(place),
            ..Recipe::new(self.line(tool), crate::transport::Transport::Tcp)
        };
        let command = recipe.shown();
        let failed = |source| LaunchError::NotStarted { command: command.clone(), source };
        for name in &self.scratch {
            let folder = match place {
                Place::Here => workshop.folder(name).map_err(failed)?,
                Place::Isolated(_) => Path::new("/tmp").join(name),
            };
            recipe.environment.push((name.into(), folder.into()));
        }
        let program = Program::start(&recipe, None, None).await;
        let mut program = program.map_err(|unset| self.not_started(tool, &recipe, unset))?;
        let over = timeout(self.limit, program.over()).await;
        let ending = program.end().await;
        let last_words = LastWords::of_build(&program.output());
        match over {
            Err(_) => {
                return Err(LaunchError::BuildLate { command, limit: self.limit, last_words });
            }
            Ok(Err(error)) => return Err(LaunchError::Lost { command, why: error.to_string() }),
            Ok(Ok(_)) if ending != Ending::Exited(0) => {
                return Err(LaunchError::BuildFailed { command, ending, last_words });
            }
            Ok(Ok(_)) => {}
        }
        if *place == Place::Here {
            return Ok(work);
        }
        let (made, mut room) = workshop.for_made().map_err(failed)?;
        let brought = program.bring(&made, &mut room, &self.left[1]);
        brought.map_err(|why| LaunchError::NotTaken { command, why })?;
        Ok(made)
    }

    /// Where the build runs: with the bounds of a compiler, not of a server.
    fn place(&self, place: &Place) -> Place {
        let Place::Isolated(isolation) = place else { return place.clone() };
        Place::Isolated(Isolation {
            limits: Limits {
                memory: 2048 * MIB,
                data: 16_384 * MIB,
                processes: 512,
                file: 256 * MIB,
                disk: 512 * MIB,
                wall: self.limit + FORGOTTEN,
                ..Limits::default()
            },
            shown: isolation.shown.iter().chain(&self.shown).cloned().collect(),
            is_kept: true,
            ..isolation.clone()
        })
    }

    fn not_started(&self, tool: &Tool, recipe: &Recipe, unset: Unset) -> LaunchError {
        let error = match unset {
            Unset::Lack(lack) => {
                return LaunchError::NotIsolated { command: recipe.shown(), lack };
            }
            Unset::NotStarted(error) if error.kind() == io::ErrorKind::NotFound => {
                let file = self
                    .file
                    .as_ref()
                    .map_or_else(|| self.folder.clone(), |it| self.folder.join(it));
                return LaunchError::NoTool {
                    file: file.display().to_string(),
                    tool: tool.names.first().copied().unwrap_or_default().to_owned(),
                    package: tool.package,
                };
            }
            Unset::NotStarted(error) => error,
        };
        refusal::not_started(recipe, error)
    }

    /// The command that runs what was made.
    fn program(&self, folder: &Path) -> Result<Vec<OsString>, LaunchError> {
        let (below, runs) = match self.made {
            Made::Known => return Ok(self.command.clone()),
            Made::In(below) => (Some(below), false),
            Made::Anywhere { runs } => (None, runs),
        };
        let read = Folder::read(&folder.join(below.unwrap_or_default()));
        let command = self.shown().unwrap_or_default();
        let read = read.map_err(|why| LaunchError::NotTaken { command: command.clone(), why });
        let read = read?;
        let mut made: Vec<PathBuf> = match below {
            Some(below) => {
                let programs = read.those(executable::is_ready).into_iter();
                programs.map(|name| Path::new(below).join(name)).collect()
            }
            None => read.all_below(&executable::is_ready),
        };
        if below.is_none() {
            let changed = |root: &Path, file: &PathBuf| {
                root.join(file).metadata().and_then(|data| data.modified()).ok()
            };
            let is_new = |file: &PathBuf| changed(&self.folder, file) != changed(folder, file);
            let new: Vec<PathBuf> = made.iter().filter(|file| is_new(file)).cloned().collect();
            // Where all had been made before, make had nothing to do.
            made = if new.is_empty() { made } else { new };
        }
        match pick::most_like(self.party, &made, |_| false) {
            Some(program) => Ok(vec![here(program)]),
            None if runs => Ok(["make", "run"].map(OsString::from).into()),
            None => {
                let made = made.iter().map(|file| file.display().to_string()).collect();
                Err(LaunchError::NothingMade { command, made })
            }
        }
    }
}

impl Recipe {
    /// The recipe with what has to be built, built: once, for all launches. What was made stays until the last copy of the
    /// recipe is gone.
    ///
    /// # Errors
    ///
    /// The build failed, took too long, or could not be begun.
    pub async fn built(mut self) -> Result<Self, LaunchError> {
        let Some(build) = self.build.take() else { return Ok(self) };
        let workshop = Workshop::new();
        let workshop = workshop.map_err(|source| LaunchError::NotStarted {
            command: build.shown().unwrap_or_else(|| self.shown()),
            source,
        })?;
        let (folder, command) = build.perform(&self.place, &workshop).await?;
        let origin = self.origin.map(|origin| Box::new(origin.of_build(build.shown(), workshop)));
        Ok(Self { command, directory: Some(folder), origin, ..self })
    }
}
