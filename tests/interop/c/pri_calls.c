/* Calls of pri_peer: the table, the audio of each, and the lines of JSON that tell of them. */
#include "pri_peer.h"
#include "wav.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct call calls[CALLS];
int audio_socket;

/* ---- events ---- */

void put_text(const char *key, const char *text) {
    printf(",\"%s\":\"", key);
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else if ((unsigned char)*text < ' ')
            printf("\\u%04x", *text);
        else
            putchar(*text);
    putchar('"');
}

void begin(const char *event, const struct call *call) {
    printf("{\"event\":\"%s\"", event);
    if (call)
        printf(",\"id\":%d,\"channel\":%d", call->id, call->channel);
}

void end(void) {
    printf("}\n");
    fflush(stdout);
}

void tell(const char *event, const struct call *call) {
    begin(event, call);
    end();
}

void complain(const char *what, const char *about) {
    begin("error", NULL);
    put_text("text", what);
    put_text("about", about);
    end();
}

/* ---- calls ---- */

struct call *by_id(int id) {
    for (struct call *call = calls; call < calls + CALLS; call++)
        if (call->libpri && call->id == id)
            return call;
    return NULL;
}

struct call *by_libpri(q931_call *libpri) {
    for (struct call *call = calls; call < calls + CALLS; call++)
        if (libpri && call->libpri == libpri)
            return call;
    return NULL;
}

struct call *add(q931_call *libpri, int id, int channel) {
    for (struct call *call = calls; call < calls + CALLS; call++)
        if (!call->libpri) {
            *call = (struct call){.libpri = libpri, .id = id, .channel = channel, .last_sequence = -1};
            return call;
        }
    return NULL;
}

static void append(struct call *call, const uint8_t *octets, size_t count) {
    if (call->at == call->length)
        call->at = call->length = 0;
    call->audio = realloc(call->audio, call->length + count);
    if (!call->audio)
        abort();
    memcpy(call->audio + call->length, octets, count);
    call->length += count;
}

void play(struct call *call, const char *path) {
    struct wav wav;
    if (wav_read(path, &wav) || wav.channels != 1 || wav.rate_hz != 8000) {
        complain("not a mono WAV file of 8 kHz", path);
        return;
    }
    for (size_t at = 0; at < wav.frames; at++) {
        uint8_t octet = alaw_of(wav.samples[at]);
        append(call, &octet, 1);
    }
    free(wav.samples);
}

/* Q.23 tones of -7 dBm0 each. */
void play_dtmf(struct call *call, const char *digits, int on_ms, int off_ms) {
    static const char grid[] = "123A456B789C*0#D";
    static const double rows[] = {697, 770, 852, 941}, columns[] = {1209, 1336, 1477, 1633};
    const double amplitude = 32768 * pow(10, (-7 - 3.14) / 20), turn = 2 * acos(-1) / 8000;
    for (const char *place; *digits; digits++) {
        if (!(place = strchr(grid, *digits)))
            continue;
        double low = rows[(place - grid) / 4] * turn, high = columns[(place - grid) % 4] * turn;
        for (int at = 0; at < (on_ms + off_ms) * 8; at++) {
            uint8_t octet = at < on_ms * 8 ? alaw_of((int)(amplitude * (sin(low * at) + sin(high * at)))) : ALAW_SILENCE;
            append(call, &octet, 1);
        }
    }
}

void talk(struct call *call) {
    if (call->talking)
        return;
    call->talking = 1;
    if (*call->play)
        play(call, call->play);
    if (*call->record_path && !(call->record = wav_begin(call->record_path)))
        complain("cannot be written", call->record_path);
}

void forget(struct call *call) {
    if (call->record) {
        long blocks = (ftell(call->record) - 58) / BLOCK;
        int failed = wav_end(call->record);
        begin("recorded", call);
        put_text("file", call->record_path);
        printf(",\"blocks\":%ld,\"missing\":%ld,\"whole\":%s", blocks, call->missing, failed ? "false" : "true");
        end();
    }
    free(call->audio);
    *call = (struct call){0};
}

/* ---- audio: a block a channel each 10 ms ---- */

void send_block(struct call *call) {
    uint8_t message[AUDIO_MESSAGE];
    size_t left = call->length - call->at, now = left < BLOCK ? left : BLOCK;
    message[0] = (uint8_t)call->channel;
    message[1] = (uint8_t)(call->sequence >> 8);
    message[2] = (uint8_t)call->sequence++;
    memset(message + 3, ALAW_SILENCE, BLOCK);
    if (now)
        memcpy(message + 3, call->audio + call->at, now);
    call->at += now;
    send(audio_socket, message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (now && now == left)
        tell("played", call);
}

static void record_block(struct call *call, int sequence, const uint8_t *octets) {
    static const uint8_t silence[BLOCK] = {[0 ... BLOCK - 1] = ALAW_SILENCE};
    int gap = call->last_sequence < 0 ? 0 : (sequence - call->last_sequence - 1) & 0xFFFF;
    call->last_sequence = sequence;
    if (gap < 0x8000)
        for (call->missing += gap; gap; gap--)
            fwrite(silence, BLOCK, 1, call->record);
    fwrite(octets, BLOCK, 1, call->record);
}

void take_audio(void) {
    uint8_t message[AUDIO_MESSAGE + 1];
    while (recv(audio_socket, message, sizeof message, MSG_DONTWAIT) == AUDIO_MESSAGE)
        for (struct call *call = calls; call < calls + CALLS; call++)
            if (call->libpri && call->record && call->channel == message[0])
                record_block(call, message[1] << 8 | message[2], message + 3);
}
