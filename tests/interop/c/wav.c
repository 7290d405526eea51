#include "wav.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 58, TAG_PCM = 1, TAG_ALAW = 6, TAG_EXTENSIBLE = 0xFFFE };

/* G.711 table 1a: sign, three bits of segment, four of step; even bits inverted. */
uint8_t alaw_of(int linear) {
    int sign = linear >= 0 ? 0x80 : 0;
    int magnitude = (linear >= 0 ? linear : -linear - 1) >> 4; /* 12 bits */
    if (magnitude > 2047)
        magnitude = 2047;
    int segment = 0;
    for (int rest = magnitude >> 5; rest; rest >>= 1)
        segment++;
    int step = (segment < 2 ? magnitude >> 1 : magnitude >> segment) & 15;
    return (uint8_t)((sign | segment << 4 | step) ^ 0x55);
}

int16_t linear_of(uint8_t alaw) {
    int octet = alaw ^ 0x55, segment = octet >> 4 & 7;
    int magnitude = (octet & 15) << 4 | 8;
    if (segment)
        magnitude = (magnitude + 256) << (segment - 1);
    return (int16_t)(octet & 0x80 ? magnitude : -magnitude);
}

static unsigned le16(const uint8_t *at) { return at[0] | (unsigned)at[1] << 8; }
static size_t le32(const uint8_t *at) { return le16(at) | (size_t)le16(at + 2) << 16; }

static uint8_t *slurp(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return NULL;
    }
    uint8_t *octets = NULL;
    size_t room = 0;
    *length = 0;
    do {
        octets = realloc(octets, room += 1 << 20);
        if (octets)
            *length += fread(octets + *length, 1, room - *length, file);
    } while (octets && *length == room);
    fclose(file);
    return octets;
}

static int decode(const uint8_t *data, size_t length, unsigned tag, struct wav *wav) {
    size_t octets = tag == TAG_ALAW ? 1 : 2, count = length / octets;
    wav->frames = count / (size_t)wav->channels;
    wav->samples = malloc((count + 1) * sizeof *wav->samples);
    if (!wav->samples)
        return -1;
    for (size_t at = 0; at < count; at++)
        wav->samples[at] = tag == TAG_ALAW ? linear_of(data[at]) : (int16_t)le16(data + 2 * at);
    return 0;
}

int wav_read(const char *path, struct wav *wav) {
    size_t length, at = 12;
    uint8_t *file = slurp(path, &length);
    int result = -1;
    unsigned tag = 0;
    if (!file)
        return -1;
    if (length < 12 || memcmp(file, "RIFF", 4) || memcmp(file + 8, "WAVE", 4))
        length = 0;
    while (result < 0 && at + 8 <= length) {
        size_t size = le32(file + at + 4), left = length - at - 8;
        const uint8_t *body = file + at + 8;
        size_t here = size < left ? size : left;
        if (!memcmp(file + at, "fmt ", 4) && here >= 16) {
            tag = le16(body) == TAG_EXTENSIBLE && here >= 26 ? le16(body + 24) : le16(body);
            wav->channels = (int)le16(body + 2);
            wav->rate_hz = (int)le32(body + 4);
        } else if (!memcmp(file + at, "data", 4)) {
            if ((tag != TAG_PCM && tag != TAG_ALAW) || wav->channels < 1)
                break;
            result = decode(body, here, tag, wav);
        }
        at += 8 + size + (size & 1);
    }
    if (result < 0)
        fprintf(stderr, "%s: no WAV file of A-law or 16-bit PCM\n", path);
    free(file);
    return result;
}

static void put(uint8_t **at, const void *octets, size_t count) {
    memcpy(*at, octets, count);
    *at += count;
}

static void put_number(uint8_t **at, size_t value, int octets) {
    for (; octets--; value >>= 8)
        *(*at)++ = (uint8_t)value;
}

static int write_header(FILE *file, size_t samples) {
    uint8_t header[HEADER], *at = header;
    put(&at, "RIFF", 4);
    put_number(&at, samples + HEADER - 8, 4);
    put(&at, "WAVEfmt ", 8);
    put_number(&at, 18, 4);
    put_number(&at, TAG_ALAW, 2);
    put_number(&at, 1, 2);
    put_number(&at, 8000, 4);
    put_number(&at, 8000, 4);
    put_number(&at, 1, 2);
    put_number(&at, 8, 2);
    put_number(&at, 0, 2);
    put(&at, "fact", 4);
    put_number(&at, 4, 4);
    put_number(&at, samples, 4);
    put(&at, "data", 4);
    put_number(&at, samples, 4);
    return fwrite(header, sizeof header, 1, file) == 1 ? 0 : -1;
}

FILE *wav_begin(const char *path) {
    FILE *file = fopen(path, "wb");
    if (!file || write_header(file, 0))
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return file;
}

int wav_end(FILE *file) {
    long end = ftell(file);
    if (end < HEADER || fseek(file, 0, SEEK_SET) || write_header(file, (size_t)end - HEADER)) {
        fclose(file);
        return -1;
    }
    return fclose(file);
}
