/* Loads with known shapes for the tests: `work MODE [ARG…]`. Built static, so that it runs in an empty image.
 *
 *   spin [THREADS]               burns THREADS cores (1)
 *   burst ON_MS OFF_MS THREADS   burns for ON_MS, sleeps for OFF_MS, again and again
 *   grow MIB_PER_S MAX_MIB       touches fresh pages at that rate until MAX_MIB, then holds them
 *   hold MIB                     holds that much
 *   reread FILE_MIB              writes a file into its own filesystem and re-reads it for ever: page cache
 *   tmpfs MIB                    fills that much of /dev/shm: shared memory, which reclaim cannot give back
 *   childoom MIB EVERY_S         a child grows to MIB every EVERY_S; the kernel is meant to kill it, pid 1 lives on
 *   idle                         sleeps
 *   chat LINES_PER_S             prints numbered lines
 *   tcp                          echoes on port 8080
 *   forks N                      holds N sleeping children
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB (1024L * 1024L)

static long burst_on_ms, burst_off_ms;

static void leave(int signal_number) { (void)signal_number; _exit(0); }

static void die(const char *what) { perror(what); exit(1); }

static void nap(long ms) {
    struct timespec pause = {ms / 1000, (ms % 1000) * 1000000L};
    nanosleep(&pause, NULL);
}

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

static void *burn(void *unused) {
    volatile unsigned long turns = 0;
    (void)unused;
    for (;;) {
        double end = now() + burst_on_ms / 1e3;
        do {
            for (int i = 0; i < 100000; i++) turns++;
        } while (burst_on_ms == 0 || now() < end);
        nap(burst_off_ms);
    }
    return NULL;
}

static void spin(long threads) {
    for (long i = 1; i < threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, burn, NULL)) die("pthread_create");
    }
    burn(NULL);
}

static void touch(long mib) {
    char *block = malloc(mib * MIB);
    if (block == NULL) die("malloc");
    memset(block, 1, mib * MIB);
    __asm__ volatile("" : : "r"(block) : "memory"); /* keeps the compiler from dropping pages that nobody reads */
}

static void grow(long mib_per_s, long max_mib) {
    double start = now();
    for (long held = 0; held < max_mib;) {
        if ((now() - start) * mib_per_s >= held + 1) {
            touch(1);
            held++;
        } else {
            nap(20);
        }
    }
}

static void idle(void) {
    for (;;) pause();
}

static void fill(const char *path, long mib) {
    char *block = malloc(MIB);
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (file < 0) die(path);
    memset(block, 1, MIB);
    for (long i = 0; i < mib; i++)
        if (write(file, block, MIB) != MIB) die("write");
    if (fsync(file)) die("fsync");
    close(file);
    free(block);
}

static void reread(long mib) {
    char *block = malloc(MIB);
    fill("/file", mib);
    for (;;) {
        int file = open("/file", O_RDONLY);
        if (file < 0) die("/file");
        while (read(file, block, MIB) > 0) {}
        close(file);
        nap(200);
    }
}

static void raise_oom_score(void) {
    int file = open("/proc/self/oom_score_adj", O_WRONLY);
    if (file < 0 || write(file, "1000", 4) != 4) die("oom_score_adj");
    close(file);
}

static void childoom(long mib, long every_s) {
    for (;;) {
        pid_t child = fork();
        if (child < 0) die("fork");
        if (child == 0) {
            raise_oom_score();
            for (long held = 0; held < mib; held++) touch(1);
            _exit(0);
        }
        waitpid(child, NULL, 0);
        nap(every_s * 1000);
    }
}

static void chat(long lines_per_s) {
    double start = now();
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (long line = 0;;) {
        if ((now() - start) * lines_per_s >= line)
            printf("line %ld of the chatty workload\n", line++);
        else
            nap(5);
    }
}

static void echo(int peer) {
    char block[4096];
    ssize_t size;
    while ((size = read(peer, block, sizeof block)) > 0)
        if (write(peer, block, size) != size) break;
    _exit(0);
}

static void tcp(void) {
    int on = 1, server = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8080), .sin_addr.s_addr = INADDR_ANY};
    signal(SIGCHLD, SIG_IGN);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server, (struct sockaddr *)&address, sizeof address)) die("bind");
    if (listen(server, 64)) die("listen");
    for (;;) {
        int peer = accept(server, NULL, NULL);
        if (peer < 0) continue;
        if (fork() == 0) echo(peer);
        close(peer);
    }
}

static void forks(long count) {
    for (long i = 0; i < count; i++) {
        pid_t child = fork();
        if (child < 0) die("fork");
        if (child == 0) idle();
    }
}

int main(int argc, char **argv) {
    const char *mode = argc > 1 ? argv[1] : "idle";
    long a = argc > 2 ? atol(argv[2]) : 1, b = argc > 3 ? atol(argv[3]) : 1, c = argc > 4 ? atol(argv[4]) : 1;
    signal(SIGTERM, leave);
    signal(SIGINT, leave);
    if (!strcmp(mode, "spin")) spin(a);
    else if (!strcmp(mode, "burst")) burst_on_ms = a, burst_off_ms = b, spin(c);
    else if (!strcmp(mode, "grow")) grow(a, b);
    else if (!strcmp(mode, "hold")) touch(a);
    else if (!strcmp(mode, "reread")) reread(a);
    else if (!strcmp(mode, "tmpfs")) fill("/dev/shm/file", a);
    else if (!strcmp(mode, "childoom")) childoom(a, b);
    else if (!strcmp(mode, "chat")) chat(a);
    else if (!strcmp(mode, "tcp")) tcp();
    else if (!strcmp(mode, "forks")) forks(a);
    else if (strcmp(mode, "idle")) { fprintf(stderr, "work: no mode %s\n", mode); return 2; }
    idle();
}
