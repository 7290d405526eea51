/* Debian's spandsp conceals lost blocks: plc_peer LOST, where LOST has a 0 for each block of 80 samples that arrived and a 1 for each that was
 * lost. Samples are 16 bits, the lower octet first, on stdin and stdout. */
#include <spandsp.h>
#include <stdio.h>

enum { BLOCK = 80 };

int main(int argc, char **argv) {
    int16_t block[BLOCK];
    plc_state_t *concealer = argc == 2 ? plc_init(NULL) : NULL;
    if (!concealer) {
        fprintf(stderr, "usage: plc_peer LOST\n");
        return 2;
    }
    for (const char *lost = argv[1]; *lost && fread(block, sizeof *block, BLOCK, stdin) == BLOCK; lost++) {
        if (*lost == '1')
            plc_fillin(concealer, block, BLOCK);
        else
            plc_rx(concealer, block, BLOCK);
        fwrite(block, sizeof *block, BLOCK, stdout);
    }
    plc_free(concealer);
    return 0;
}
