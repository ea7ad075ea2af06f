/* Where a message of the `line` dialect begins and ends, and which text it holds: framing.py in C.
   Knows no sockets and no service. An over-long message is told by its length alone. */

#include <stdbool.h>
#include <stddef.h>

enum {
    LIMIT = 1023, /* octets of text in a request; the terminator does not count */
    LONGEST = 4096, /* octets of text in a reply */
};

typedef unsigned char octet;

/* What has arrived of the line that a client is sending. All zero to begin with. */
struct line {
    octet text[LIMIT + 2]; /* a CR, and the octet that shows that it was none of a terminator */
    size_t size;
    bool discarding; /* an over-long line is known, its LF has not come yet */
};

/* The size of the line without the CR that may stand before its LF. */
static size_t without_cr(const octet *text, size_t size)
{
    return size > 0 && text[size - 1] == '\r' ? size - 1 : size;
}

/* Take an octet that arrived. True when this completes a message: answer it, and set size to 0. */
static bool push(struct line *line, octet next)
{
    if (line->discarding) {
        line->discarding = next != '\n';
        return false;
    }
    if (next == '\n') {
        line->size = without_cr(line->text, line->size);
        return true;
    }
    line->text[line->size++] = next;
    /* A last CR may yet belong to a CRLF. */
    line->discarding = without_cr(line->text, line->size) > LIMIT;
    return line->discarding;
}

/* The client sends no more. True when an unterminated rest is its last message. */
static bool end_of_input(struct line *line)
{
    bool rest = line->size > 0;
    line->size = without_cr(line->text, line->size);
    return rest;
}

/* The size of the message in a datagram: one trailing LF or CRLF does not count. */
static size_t datagram_message(const octet *datagram, size_t size)
{
    return size > 0 && datagram[size - 1] == '\n' ? without_cr(datagram, size - 1) : size;
}

/* The octets of the character that the text begins with; 0 when it is none, or a control character. */
static size_t character_size(const octet *text, size_t size)
{
    octet first = text[0];
    if (first < 0x80)
        return first == '\t' || (first >= 0x20 && first != 0x7f);

    size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (first < 0xc2 || first > 0xf4 || length > size)
        return 0;
    for (size_t at = 1; at < length; at++)
        if (text[at] < 0x80 || text[at] > 0xbf)
            return 0;
    if ((first == 0xc2 && text[1] < 0xa0)    /* C1 */
        || (first == 0xe0 && text[1] < 0xa0) /* could be shorter */
        || (first == 0xed && text[1] > 0x9f) /* surrogate */
        || (first == 0xf0 && text[1] < 0x90) /* could be shorter */
        || (first == 0xf4 && text[1] > 0x8f)) /* past U+10FFFF */
        return 0;
    return length;
}

/* The code of the error that a message gets whatever its service, or NULL. */
static const char *framing_error(const octet *message, size_t size)
{
    if (size > LIMIT)
        return "too-long";
    for (size_t at = 0, length; at < size; at += length)
        if ((length = character_size(message + at, size - at)) == 0)
            return "encoding";
    return NULL;
}

/* What a service is: writes the reply to a message, without a terminator; returns its size, at most LONGEST. */
typedef size_t reply_function(const octet *message, size_t size, char *out);
