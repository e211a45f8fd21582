#include "sandbox/confine.h"

#include <linux/sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/format.h"

namespace holdfast::sandbox {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HF_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HF_SANITIZED 1
#endif
#endif
#ifdef HF_SANITIZED
// Sanitizers reserve terabytes of address space for their shadow.
constexpr bool kLimitAddressSpace = false;
#else
constexpr bool kLimitAddressSpace = true;
#endif

Result<void> SetLimit(int resource, std::uint64_t value, const char* name) {
  const rlimit limit{.rlim_cur = value, .rlim_max = value};
  if (setrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0)
    return Fail(ErrorKind::kUnsupported, Format("cannot limit {}: {}", name, std::strerror(errno)));
  return {};
}

Result<void> SetLimits(const ConfineOptions& options) {
  HF_CHECK_OK(SetLimit(RLIMIT_CORE, 0, "core dumps"));
  HF_CHECK_OK(SetLimit(RLIMIT_FSIZE, 0, "file size"));
  if (options.memory_bytes_max != 0 && kLimitAddressSpace)
    HF_CHECK_OK(SetLimit(RLIMIT_AS, options.memory_bytes_max, "address space"));
  if (options.cpu_seconds_max != 0) HF_CHECK_OK(SetLimit(RLIMIT_CPU, options.cpu_seconds_max, "CPU time"));
  return {};
}

// What the C library, threads and pipes need.
constexpr std::array kAllowed = {
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(lseek),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(tgkill),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(membarrier),
    SCMP_SYS(getrusage),
    SCMP_SYS(sysinfo),
    SCMP_SYS(prlimit64),
};

#ifdef HF_SANITIZED
// The checker of virtual tables probes memory through a pipe.
constexpr std::array kAllowedForSanitizers = {SCMP_SYS(pipe), SCMP_SYS(pipe2)};
#else
constexpr std::array<int, 0> kAllowedForSanitizers = {};
#endif

constexpr std::array kForbidden = {
    SCMP_SYS(execve), SCMP_SYS(execveat),    SCMP_SYS(ptrace), SCMP_SYS(process_vm_writev),
    SCMP_SYS(socket), SCMP_SYS(bpf),         SCMP_SYS(mount),  SCMP_SYS(unshare),
    SCMP_SYS(setns),  SCMP_SYS(init_module),
};

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

int AddRules(scmp_filter_ctx filter) {
  for (const int call : kAllowed)
    if (const int error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0); error != 0) return error;
  for (const int call : kAllowedForSanitizers)
    if (const int error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0); error != 0) return error;
  for (const int call : kForbidden)
    if (const int error = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, call, 0); error != 0) return error;
  // Memory, but never executable; threads, but never processes. The flags of clone3 are behind a
  // pointer, which a filter cannot follow: the C library falls back to clone on ENOSYS.
  const scmp_arg_cmp not_executable{.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};
  const scmp_arg_cmp thread{.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_THREAD, .datum_b = CLONE_THREAD};
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)})
    if (const int error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &not_executable); error != 0)
      return error;
  if (const int error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &thread); error != 0)
    return error;
  return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

Result<void> FilterSystemCalls() {
  const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)), &seccomp_release);
  if (filter == nullptr) return Fail(ErrorKind::kUnsupported, "cannot make a seccomp filter");
  if (const int error = AddRules(filter.get()); error != 0)
    return Fail(ErrorKind::kUnsupported, Format("cannot make a seccomp filter: {}", std::strerror(-error)));
  if (const int error = seccomp_load(filter.get()); error != 0)
    return Fail(ErrorKind::kUnsupported, Format("the kernel refused the seccomp filter: {}", std::strerror(-error)));
  return {};
}

}  // namespace

Result<void> ConfineThisProcess(const ConfineOptions& options) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return Fail(ErrorKind::kUnsupported, Format("cannot give up new privileges: {}", std::strerror(errno)));
  prctl(PR_SET_DUMPABLE, 0);
  HF_CHECK_OK(SetLimits(options));
  return FilterSystemCalls();
}

Result<void> ProbeConfinement() {
  const pid_t child = fork();
  if (child < 0) return Fail(ErrorKind::kUnsupported, Format("cannot fork: {}", std::strerror(errno)));
  if (child == 0) _exit(ConfineThisProcess({}) ? 0 : 1);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return Fail(ErrorKind::kUnsupported, "the kernel refuses seccomp filters here");
}

}  // namespace holdfast::sandbox
