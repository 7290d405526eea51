/* Debian's spandsp as the other end of a caller id: samples are 16 bits, the lower octet first, 8000 a second, on stdin or stdout.
 *
 *   callerid_peer send class|clip|dtmf TYPE [FIELD TEXT]...     sends one message, 100 ms of silence before it and after it
 *   callerid_peer read class|clip|dtmf                          prints what is found, a line a field: `message TYPE`, `FIELD TEXT`
 *
 * Types and fields are spandsp's numbers, as in <spandsp/adsi.h>. */
#include <spandsp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 160, SILENCE = 800 };

static int standard_of(const char *name) {
    if (!strcmp(name, "class"))
        return ADSI_STANDARD_CLASS;
    if (!strcmp(name, "clip"))
        return ADSI_STANDARD_CLIP;
    return strcmp(name, "dtmf") ? ADSI_STANDARD_NONE : ADSI_STANDARD_CLIP_DTMF;
}

static int send_message(int standard, int argc, char **argv) {
    static const int16_t silence[SILENCE];
    uint8_t message[256];
    int16_t block[BLOCK];
    adsi_tx_state_t *sender = adsi_tx_init(NULL, standard);
    if (!sender)
        return 1;
    int length = adsi_add_field(sender, message, -1, (uint8_t)strtol(argv[0], NULL, 0), NULL, 0);
    for (int at = 1; at + 1 < argc; at += 2)
        length = adsi_add_field(sender, message, length, (uint8_t)strtol(argv[at], NULL, 0), (const uint8_t *)argv[at + 1],
                                (int)strlen(argv[at + 1]));
    if (adsi_tx_put_message(sender, message, length) != length) {
        fprintf(stderr, "spandsp does not send this message\n");
        return 1;
    }
    fwrite(silence, sizeof *silence, SILENCE, stdout);
    for (int filled; (filled = adsi_tx(sender, block, BLOCK)) > 0;)
        fwrite(block, sizeof *block, (size_t)filled, stdout);
    fwrite(silence, sizeof *silence, SILENCE, stdout);
    adsi_tx_free(sender);
    return 0;
}

static adsi_rx_state_t *receiver;

static void on_message(void *user, const uint8_t *message, int length) {
    (void)user;
    uint8_t type;
    const uint8_t *body;
    int size;
    for (int at = -1; (at = adsi_next_field(receiver, message, length, at, &type, &body, &size)) > 0;) {
        if (body)
            printf("%d %.*s\n", type, size, body);
        else
            printf("message %d\n", type);
    }
}

static int read_messages(int standard) {
    int16_t block[BLOCK];
    size_t filled;
    receiver = adsi_rx_init(NULL, standard, on_message, NULL);
    if (!receiver)
        return 1;
    while ((filled = fread(block, sizeof *block, BLOCK, stdin)) > 0)
        adsi_rx(receiver, block, (int)filled);
    adsi_rx_free(receiver);
    return 0;
}

int main(int argc, char **argv) {
    int standard = argc > 2 ? standard_of(argv[2]) : ADSI_STANDARD_NONE;
    if (standard && argc > 3 && !strcmp(argv[1], "send"))
        return send_message(standard, argc - 3, argv + 3);
    if (standard && argc == 3 && !strcmp(argv[1], "read"))
        return read_messages(standard);
    fprintf(stderr, "usage: callerid_peer send class|clip|dtmf TYPE [FIELD TEXT]... | read class|clip|dtmf\n");
    return 2;
}
