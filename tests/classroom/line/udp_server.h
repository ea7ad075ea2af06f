/* A UDP server in C, for any service: one datagram is one request, one datagram its reply. */

/* Answer the message in each datagram with what `reply` makes of it. */
static void serve_udp(int server, reply_function *reply)
{
    struct sockaddr_in here = address_of(server);
    static octet datagram[65536];
    char out[LONGEST + 1];
    for (;;) {
        struct sockaddr_in peer = {0};
        socklen_t length = sizeof peer;
        ssize_t size = recvfrom(server, datagram, sizeof datagram, 0, (struct sockaddr *)&peer, &length);
        bool ours = peer.sin_port == here.sin_port && peer.sin_addr.s_addr == here.sin_addr.s_addr;
        if (size < 0 || ours) /* or a forged sender has us answer ourselves for ever */
            continue;
        size = reply(datagram, datagram_message(datagram, size), out);
        sendto(server, out, size, 0, (struct sockaddr *)&peer, length);
    }
}
