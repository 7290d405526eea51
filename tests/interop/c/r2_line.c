/* openr2 1.3.3 has no I/O interface of its own for its users: it calls the C library's ioctl, read, write and gettimeofday on the
 * descriptor of a DAHDI channel. A program's own functions of these names come before the C library's, so here they are: for the
 * descriptors opened below they are a DAHDI channel in memory, for all others the system's calls. */
#include "r2_line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

/* DAHDI's requests by their numbers within its own class of them, and the constants openr2 gives them. */
enum {
    DAHDI_CLASS = 0xda,
    DAHDI_FLUSH = 3,
    DAHDI_GET_PARAMS = 5,
    DAHDI_GETEVENT = 8,
    DAHDI_IOMUX = 9,
    DAHDI_SETGAINS = 16,
    DAHDI_BUFINFO = 27,
    DAHDI_ECHOCANCEL = 33,
    DAHDI_CHANNO = 34,
    DAHDI_SETLAW = 39,
    DAHDI_RXBITS = 43,
};
enum { FLUSH_READ = 1, FLUSH_WRITE = 2 };
enum { MUX_READ = 1, MUX_WRITE = 2, MUX_EVENT = 8 };
enum { EVENT_NONE = 0, EVENT_ALARM = 4, EVENT_NO_ALARM = 5, EVENT_BITS = 13 };
enum { SIGNALING_CAS = 1 << 15 };
enum { PERIOD = 160, QUEUE = 4 * PERIOD, SILENCE = 0xd5, TICK_US = 10000 };

/* The beginning of DAHDI's answer to GET_PARAMS. */
struct parameters {
    int channel, span, position, signaling;
};

struct queue {
    uint8_t octets[QUEUE];
    size_t length;
};

static struct channel {
    int fd;
    uint8_t received, sent, bits_changed;
    int alarm_event; /* still to be told; 0: none */
    struct queue in, out;
} channels[MOST_CHANNELS];
static int opened;
static struct timeval now = {.tv_sec = 1000000000};

static void put(struct queue *queue, const uint8_t *octets, size_t count) {
    if (queue->length + count > QUEUE) {
        /* As the driver does when nobody reads: the newest counts. */
        queue->length = 0;
    }
    memcpy(queue->octets + queue->length, octets, count);
    queue->length += count;
}

static void take(struct queue *queue, uint8_t *octets, size_t count) {
    size_t held = queue->length < count ? queue->length : count;
    memcpy(octets, queue->octets, held);
    memset(octets + held, SILENCE, count - held);
    queue->length -= held;
    memmove(queue->octets, queue->octets + held, queue->length);
}

static struct channel *by_fd(int fd) {
    for (int at = 0; at < opened; at++)
        if (channels[at].fd == fd)
            return &channels[at];
    return NULL;
}

/* ---- the test's side ---- */

void line_open(int count) {
    for (opened = 0; opened < count; opened++) {
        channels[opened].fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        channels[opened].received = 0x9;
    }
}

int line_fd(int channel) {
    return channels[channel].fd;
}

void line_clock(void) {
    now.tv_usec += TICK_US;
    if (now.tv_usec >= 1000000) {
        now.tv_usec -= 1000000;
        now.tv_sec++;
    }
}

void line_in(int channel, uint8_t bits, const uint8_t audio[BLOCK]) {
    struct channel *line = &channels[channel];
    line->bits_changed |= line->received != bits;
    line->received = bits;
    put(&line->in, audio, BLOCK);
}

void line_out(int channel, uint8_t *bits, uint8_t audio[BLOCK]) {
    *bits = channels[channel].sent;
    take(&channels[channel].out, audio, BLOCK);
}

void line_alarm(int channel, int on) {
    channels[channel].alarm_event = on ? EVENT_ALARM : EVENT_NO_ALARM;
}

/* ---- openr2's side ---- */

static int event_of(struct channel *line) {
    int event = line->alarm_event ? line->alarm_event : line->bits_changed ? EVENT_BITS : EVENT_NONE;
    if (event == line->alarm_event)
        line->alarm_event = 0;
    else
        line->bits_changed = 0;
    return event;
}

static int ready(const struct channel *line) {
    int found = line->alarm_event || line->bits_changed ? MUX_EVENT : 0;
    found |= line->in.length >= PERIOD ? MUX_READ : 0;
    return found | (line->out.length < PERIOD ? MUX_WRITE : 0);
}

static int dahdi(struct channel *line, int request, void *argument) {
    int *number = argument, position = (int)(line - channels) + 1;
    switch (request) {
    case DAHDI_CHANNO:
        *number = position;
        return 0;
    case DAHDI_GET_PARAMS:
        *(struct parameters *)argument = (struct parameters){position, 1, position, SIGNALING_CAS};
        return 0;
    case DAHDI_GETEVENT:
        *number = event_of(line);
        return 0;
    case DAHDI_IOMUX:
        *number &= ready(line);
        return 0;
    case DAHDI_FLUSH:
        line->in.length *= !(*number & FLUSH_READ);
        line->out.length *= !(*number & FLUSH_WRITE);
        return 0;
    case DAHDI_BUFINFO:
    case DAHDI_SETGAINS:
    case DAHDI_SETLAW:
    case DAHDI_ECHOCANCEL:
        return 0;
    default:
        return -1;
    }
}

int ioctl(int fd, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    struct channel *line = by_fd(fd);
    if (!line)
        return (int)syscall(SYS_ioctl, fd, request, argument);
    /* SETTXBITS and GETRXBITS share a number: the direction tells them apart. */
    if ((request & 0xffff) == (DAHDI_CLASS << 8 | DAHDI_RXBITS)) {
        int reads = request >> 31 & 1, *bits = argument;
        *(reads ? bits : &(int){0}) = line->received;
        line->sent = reads ? line->sent : (uint8_t)*bits;
        return 0;
    }
    int answer = (request >> 8 & 0xff) == DAHDI_CLASS ? dahdi(line, request & 0xff, argument) : -1;
    if (answer) {
        fprintf(stderr, "r2_peer: openr2 wants ioctl %#lx, which r2_line.c does not know\n", request);
        errno = ENOTTY;
    }
    return answer;
}

ssize_t read(int fd, void *octets, size_t count) {
    struct channel *line = by_fd(fd);
    if (!line)
        return syscall(SYS_read, fd, octets, count);
    take(&line->in, octets, count);
    return (ssize_t)count;
}

ssize_t write(int fd, const void *octets, size_t count) {
    struct channel *line = by_fd(fd);
    if (!line)
        return syscall(SYS_write, fd, octets, count);
    put(&line->out, octets, count);
    return (ssize_t)count;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    *time = now;
    return 0;
}
