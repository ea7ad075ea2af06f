/* A TCP server in C with one thread that waits for all clients at once, for any service. */

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>

enum {
    SEATS = 200, /* clients at once; the next ones wait in the backlog until a seat is free */
    PIECE = 1024, /* octets that are read at once */
    ROOM = LONGEST + 10 * PIECE, /* what a piece can get at most: one such, and `ERR empty` LF for each octet */
};

struct client {
    struct line line;
    char unsent[ROOM];
    size_t sent, size; /* of unsent */
    bool ended; /* it sends no more */
};

static struct client clients[SEATS];
static struct pollfd waiting[SEATS + 1]; /* for each client, and last for new ones; -1 for nobody */

/* Queue the reply to the message that has just been completed. */
static void answer(struct client *client, reply_function *reply)
{
    client->size += reply(client->line.text, client->line.size, client->unsent + client->size);
    client->unsent[client->size++] = '\n';
    client->line.size = 0;
}

/* Read from a client that has its replies, or send it more of them. False when the conversation is over. */
static bool go_on(struct client *client, int connection, reply_function *reply)
{
    ssize_t size;
    if (client->sent < client->size) {
        size = send(connection, client->unsent + client->sent, client->size - client->sent, MSG_DONTWAIT);
        if (size > 0)
            client->sent += size;
    } else {
        octet piece[PIECE];
        size = recv(connection, piece, sizeof piece, MSG_DONTWAIT);
        client->sent = client->size = 0;
        for (ssize_t at = 0; at < size; at++)
            if (push(&client->line, piece[at]))
                answer(client, reply);
        client->ended = size == 0;
        if (client->ended && end_of_input(&client->line))
            answer(client, reply);
    }
    if (size < 0)
        return errno == EAGAIN; /* or it reset the connection or vanished */
    if (!client->ended || client->sent < client->size)
        return true;
    reset_on_close(connection, false); /* all is said */
    return false;
}

/* Give a seat to a new client. */
static void welcome(int server)
{
    int connection = accept(server, NULL, NULL);
    if (connection < 0)
        return; /* it is gone already, or too many files are open */
    int yes = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* or a short reply could wait */
    reset_on_close(connection, true); /* until all is said, or half a reply could look like a whole one */
    size_t seat = 0;
    while (waiting[seat].fd >= 0)
        seat++;
    waiting[seat].fd = connection;
    memset(&clients[seat], 0, sizeof clients[seat]);
}

/* Answer each message of each client with what `reply` makes of it. */
static void serve_tcp(int server, reply_function *reply)
{
    fcntl(server, F_SETFL, O_NONBLOCK);
    for (size_t seat = 0; seat < SEATS; seat++)
        waiting[seat].fd = -1;
    for (;;) {
        bool full = true;
        for (size_t seat = 0; seat < SEATS; seat++) {
            full = full && waiting[seat].fd >= 0;
            /* Nothing more is read from a client that does not read. */
            waiting[seat].events = clients[seat].sent < clients[seat].size ? POLLOUT : POLLIN;
        }
        waiting[SEATS] = (struct pollfd){full ? -1 : server, POLLIN, 0};
        if (poll(waiting, SEATS + 1, -1) < 0) {
            if (errno == EINTR)
                continue;
            perror("poll");
            exit(1);
        }
        for (size_t seat = 0; seat < SEATS; seat++)
            if (waiting[seat].revents != 0 && !go_on(&clients[seat], waiting[seat].fd, reply)) {
                close(waiting[seat].fd);
                waiting[seat].fd = -1;
            }
        if (waiting[SEATS].revents != 0)
            welcome(server);
    }
}
