/* spandsp's A-law: alaw_many encode|decode BLOCKS of 80 samples. Prints a sum, so that nothing is left out. */
#include <spandsp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 80 };

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: alaw_many encode|decode BLOCKS\n");
        return 2;
    }
    int encode = !strcmp(argv[1], "encode");
    int16_t linear[BLOCK];
    uint8_t octets[BLOCK];
    unsigned long sum = 0;
    for (int at = 0; at < BLOCK; at++) {
        linear[at] = (int16_t)(at * 797 - 32000);
        octets[at] = (uint8_t)(at * 3);
    }
    for (long block = atol(argv[2]); block; block--) {
        if (encode)
            for (int at = 0; at < BLOCK; at++)
                octets[at] = linear_to_alaw(linear[at]);
        else
            for (int at = 0; at < BLOCK; at++)
                linear[at] = alaw_to_linear(octets[at]);
        /* The next block depends on this one. */
        linear[block % BLOCK] ^= 1;
        octets[block % BLOCK] ^= 1;
        sum += octets[7] + (unsigned)linear[9];
    }
    printf("%lu\n", sum);
    return 0;
}
