/* A word-length server in C, on TCP or UDP.

       cc -O2 -o word_length word_length.c
       ./word_length tcp|udp [PORT]            PORT is 8041 when omitted, 0 for any free one

   Ctrl-C or SIGTERM stops it. */

#define _DEFAULT_SOURCE

#include <stdio.h>

#include "framing.h"
#include "lifetime.h"
#include "poll_server.h"
#include "udp_server.h"

static bool blank(octet character)
{
    return character == ' ' || character == '\t';
}

/* For each word the number of its characters and the first of them. */
static size_t reply(const octet *message, size_t size, char *out)
{
    const char *error = framing_error(message, size);
    if (error != NULL)
        return sprintf(out, "ERR %s", error);

    const octet *end = message + size;
    char *to = out;
    while (message < end) {
        if (blank(*message)) {
            message++;
            continue;
        }
        const octet *word = message;
        size_t characters = 0;
        for (; message < end && !blank(*message); characters++)
            message += character_size(message, end - message);
        int first = character_size(word, end - word);
        to += sprintf(to, "%s%zu %.*s", to > out ? ", " : "", characters, first, (const char *)word);
    }
    return to > out ? (size_t)(to - out) : (size_t)sprintf(out, "ERR empty");
}

int main(int count, char **arguments)
{
    const char *port = count > 2 ? arguments[2] : "8041";
    if (count > 1 && strcmp(arguments[1], "tcp") == 0)
        serve_tcp(listener(SOCK_STREAM, port), reply);
    if (count > 1 && strcmp(arguments[1], "udp") == 0)
        serve_udp(listener(SOCK_DGRAM, port), reply);
    fprintf(stderr, "usage: %s tcp|udp [PORT]\n", arguments[0]);
    return 2;
}
