// What is wrong with a page for those who look at it, in words; nothing, when all is well.
(() => {
  const wrong = [];
  for (const details of document.querySelectorAll("details")) details.open = true;
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) wrong.push(`the page scrolls sideways at ${width}`);

  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).map((it) => it / 255).map((it) =>
      it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    for (let it = element; it; it = it.parentElement) {
      const color = getComputedStyle(it).backgroundColor;
      const [, , , alpha = 1] = channels(color);
      if (alpha === 1) return color;
      if (alpha !== 0) wrong.push(`a background that is half seen through: ${color}`);
    }
    return "rgb(255, 255, 255)";
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim();
    const element = texts.currentNode.parentElement;
    if (text === "" || element.closest(".unseen")) continue;
    const [ink, paper] = [getComputedStyle(element).color, background(element)];
    const [dark, light] = [luminance(ink), luminance(paper)].sort((a, b) => a - b);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) wrong.push(`${contrast.toFixed(2)}: "${text.slice(0, 40)}" ${ink} on ${paper}`);
    const box = document.createRange();
    box.selectNodeContents(texts.currentNode);
    const { right } = box.getBoundingClientRect();
    if (right > width) wrong.push(`"${text.slice(0, 40)}" ends at ${right} of ${width}`);
  }

  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
    const now = Number(heading.tagName[1]);
    if (now > level + 1) wrong.push(`"${heading.textContent}" is a heading of level ${now} after ${level}`);
    level = now;
  }
  return wrong;
})()
