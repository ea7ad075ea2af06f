/* A client, to see the greeting: client [PORT] */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(argc > 1 ? atoi(argv[1]) : 8043),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection, (struct sockaddr *)&address, sizeof address)) {
        perror("client");
        return 1;
    }
    char octets[256];
    for (ssize_t count; (count = read(connection, octets, sizeof octets)) > 0;)
        fwrite(octets, 1, count, stdout);
    return 0;
}
