/* How a server in C begins and ends: its listening socket, the signals that stop it. lifetime.py in C. */

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void leave(int number)
{
    (void)number;
    _exit(0);
}

static struct sockaddr_in address_of(int server)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    getsockname(server, (struct sockaddr *)&address, &length);
    return address;
}

/* A socket that serves, made known to whoever started us: SOCK_STREAM is TCP, SOCK_DGRAM is UDP. */
static int listener(int type, const char *port)
{
    int spare;
    while ((spare = open("/dev/null", O_RDWR)) >= 0 && spare <= 2)
        continue; /* or a socket could get the number of a closed standard output */
    close(spare);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, leave);
    signal(SIGTERM, leave);

    int server = socket(AF_INET, type, 0), yes = 1;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (type == SOCK_STREAM) /* or we could not be started again while connections of the last run are remembered */
        setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(server, (struct sockaddr *)&here, sizeof here) < 0
        || (type == SOCK_STREAM && listen(server, 128) < 0)) {
        perror(port);
        exit(1);
    }
    printf("listening on 127.0.0.1:%d\n", ntohs(address_of(server).sin_port));
    fflush(stdout);
    return server;
}

/* Whether closing the connection, or our own end, resets it or ends it in order. */
static void reset_on_close(int connection, bool whether)
{
    struct linger linger = {whether, 0};
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}
