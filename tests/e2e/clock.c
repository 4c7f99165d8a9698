// Shifts the clock of a program by the seconds in the file that CLOCK names.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = syscall(SYS_clock_gettime, clock, now);
    const char *file = getenv("CLOCK");
    int opened = clock == CLOCK_REALTIME && file ? open(file, O_RDONLY) : -1;
    if (opened >= 0) {
        char text[32] = {0};
        if (read(opened, text, sizeof text - 1) > 0) now->tv_sec += atol(text);
        close(opened);
    }
    return result;
}
