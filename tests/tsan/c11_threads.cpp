// Only in builds with ThreadSanitizer. Debian's librdkafka uses glibc's C11 threads, which libtsan does not
// intercept: a thread that it did not see start crashes it at once, and a lock that it did not see taken is a
// false report. Here they are forwarded to pthreads, which it knows. The program's own definitions come
// before those of libc.
#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <memory>

namespace {

static_assert(sizeof(pthread_mutex_t) <= sizeof(mtx_t) && alignof(pthread_mutex_t) <= alignof(mtx_t));
static_assert(sizeof(pthread_cond_t) <= sizeof(cnd_t) && alignof(pthread_cond_t) <= alignof(cnd_t));

pthread_mutex_t* of(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }
pthread_cond_t* of(cnd_t* condition) { return reinterpret_cast<pthread_cond_t*>(condition); }

int answer(int error) {
  switch (error) {
    case 0:
      return thrd_success;
    case EBUSY:
      return thrd_busy;
    case ETIMEDOUT:
      return thrd_timedout;
    case ENOMEM:
      return thrd_nomem;
    default:
      return thrd_error;
  }
}

struct Start {
  thrd_start_t function;
  void* argument;
};

void* run(void* raw) {
  const std::unique_ptr<Start> start(static_cast<Start*>(raw));
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(start->function(start->argument)));
}

}  // namespace

extern "C" {

// librdkafka itself is not instrumented: its reference counts are atomics that libtsan does not see, so each
// thing that it frees looks like a race with the last who used it. None of its threads runs code of ours (we
// poll events).
const char* __tsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier): libtsan's name
  return "race:librdkafka.so.1\n";
}

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto start = std::make_unique<Start>(Start{function, argument});
  const int error = pthread_create(thread, nullptr, run, start.get());
  if (error == 0) static_cast<void>(start.release());
  return answer(error);
}
int thrd_join(thrd_t thread, int* result) {
  void* returned = nullptr;
  const int error = pthread_join(thread, &returned);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(returned));
  return answer(error);
}
int thrd_detach(thrd_t thread) { return answer(pthread_detach(thread)); }
void thrd_exit(int result) { pthread_exit(reinterpret_cast<void*>(static_cast<std::intptr_t>(result))); }

static_assert(sizeof(pthread_once_t) == sizeof(once_flag));
void call_once(once_flag* flag, void (*function)()) {
  pthread_once(reinterpret_cast<pthread_once_t*>(flag), function);
}

int mtx_init(mtx_t* mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes,
                            (type & mtx_recursive) != 0 ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
  const int error = pthread_mutex_init(of(mutex), &attributes);
  pthread_mutexattr_destroy(&attributes);
  return answer(error);
}
void mtx_destroy(mtx_t* mutex) { pthread_mutex_destroy(of(mutex)); }
int mtx_lock(mtx_t* mutex) { return answer(pthread_mutex_lock(of(mutex))); }
int mtx_trylock(mtx_t* mutex) { return answer(pthread_mutex_trylock(of(mutex))); }
int mtx_timedlock(mtx_t* mutex, const timespec* until) {
  return answer(pthread_mutex_timedlock(of(mutex), until));
}
int mtx_unlock(mtx_t* mutex) { return answer(pthread_mutex_unlock(of(mutex))); }

int cnd_init(cnd_t* condition) { return answer(pthread_cond_init(of(condition), nullptr)); }
void cnd_destroy(cnd_t* condition) { pthread_cond_destroy(of(condition)); }
int cnd_signal(cnd_t* condition) { return answer(pthread_cond_signal(of(condition))); }
int cnd_broadcast(cnd_t* condition) { return answer(pthread_cond_broadcast(of(condition))); }
int cnd_wait(cnd_t* condition, mtx_t* mutex) { return answer(pthread_cond_wait(of(condition), of(mutex))); }
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return answer(pthread_cond_timedwait(of(condition), of(mutex), until));
}

}  // extern "C"
