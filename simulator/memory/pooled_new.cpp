// operator new and delete for programs that run in virtual time: small blocks are recycled in lists of their size, one
// set of lists a thread, and never given back to the system. Such a program makes and drops millions of coroutine
// frames, strings and tree nodes a second on one thread, in patterns that malloc's own caches are too short for.
// Linked into a program on purpose (kubeloop, benchmarks); daemons and sanitizer builds keep malloc.
#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define KUBELOOP_KEEPS_MALLOC 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KUBELOOP_KEEPS_MALLOC 1
#endif

#ifndef KUBELOOP_KEEPS_MALLOC
namespace {

constexpr std::size_t kGrain = 16;
constexpr std::size_t kLargest = 4096;  // larger blocks are malloc's
constexpr std::size_t kClasses = kLargest / kGrain + 1;
constexpr std::size_t kSpan = 64 * 1024;      // the blocks of one span are of one size
constexpr std::size_t kReserve = 1ull << 36;  // addresses only: memory comes with use
constexpr std::size_t kSpans = kReserve / kSpan;

struct Free {
  Free* next;
};

struct Lists {
  Free* heads[kClasses];
};

char* g_base = nullptr;  // null: not begun, or there is no room: everything is malloc's
std::atomic<std::size_t> g_used_spans{0};
std::uint16_t* g_class_of = nullptr;  // by span
thread_local Lists t_lists{};

// Runs before any thread but the first exists: at the first allocation of the program.
bool begin() {
  static bool has_begun = false;
  if (has_begun) return g_base != nullptr;
  has_begun = true;
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* classes = mmap(nullptr, kSpans * sizeof(std::uint16_t), PROT_READ | PROT_WRITE, flags, -1, 0);
  void* base = mmap(nullptr, kReserve, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (classes == MAP_FAILED || base == MAP_FAILED) return false;
  g_class_of = static_cast<std::uint16_t*>(classes);
  g_base = static_cast<char*>(base);
  return true;
}

// A new span for the class, cut into blocks.
bool refill(std::size_t size_class) {
  if (g_base == nullptr && !begin()) return false;
  std::size_t span = g_used_spans.fetch_add(1, std::memory_order_relaxed);
  if (span >= kSpans) return false;
  g_class_of[span] = static_cast<std::uint16_t>(size_class);
  std::size_t size = size_class * kGrain;
  char* from = g_base + span * kSpan;
  Free* head = t_lists.heads[size_class];
  for (std::size_t i = kSpan / size; i > 0; --i) {
    auto* block = reinterpret_cast<Free*>(from + (i - 1) * size);
    block->next = head;
    head = block;
  }
  t_lists.heads[size_class] = head;
  return true;
}

void* allocate(std::size_t size) {
  std::size_t size_class = (size + kGrain - 1) / kGrain;
  if (size_class == 0) size_class = 1;
  if (size_class < kClasses) {
    Free* head = t_lists.heads[size_class];
    if (head == nullptr && refill(size_class)) head = t_lists.heads[size_class];
    if (head != nullptr) {
      t_lists.heads[size_class] = head->next;
      return head;
    }
  }
  return std::malloc(size == 0 ? 1 : size);
}

void release(void* block) {
  if (block == nullptr) return;
  auto offset = static_cast<std::size_t>(static_cast<char*>(block) - g_base);
  if (g_base == nullptr || offset >= kReserve) return std::free(block);
  std::size_t size_class = g_class_of[offset / kSpan];
  auto* freed = static_cast<Free*>(block);
  freed->next = t_lists.heads[size_class];
  t_lists.heads[size_class] = freed;
}

}  // namespace

void* operator new(std::size_t size) {
  void* block = allocate(size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size);
}
void operator delete(void* block) noexcept {
  release(block);
}
void operator delete[](void* block) noexcept {
  release(block);
}
void operator delete(void* block, std::size_t) noexcept {
  release(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  release(block);
}
void operator delete(void* block, const std::nothrow_t&) noexcept {
  release(block);
}
void operator delete[](void* block, const std::nothrow_t&) noexcept {
  release(block);
}
#endif
