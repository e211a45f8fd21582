// Confinement of the process that parses untrusted bytes: after it, the process can compute, and read
// and write the descriptors it holds; it can open nothing, connect to nothing, start nothing.
//
//   seccomp   an allow list of about forty system calls (seccomp(2)); memory may never become executable;
//             the rest answer EPERM, and the ones no honest parser needs (exec, ptrace, sockets) kill
//   rlimits   address space, CPU time, no files to write, no core dump
//   prctl     no new privileges, not dumpable, dies with its parent
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace holdfast::sandbox {

struct ConfineOptions {
  std::uint64_t memory_bytes_max = 0;  // address space; 0: not limited
  std::uint64_t cpu_seconds_max = 0;   // 0: not limited
};

// Confines the calling process for ever. Requires: no other threads yet. An error says what the kernel
// refused; the process is then confined in part, and the caller decides whether that is enough.
[[nodiscard]] Result<void> ConfineThisProcess(const ConfineOptions& options);

// Whether this kernel and container let ConfineThisProcess succeed: tried in a forked child.
[[nodiscard]] Result<void> ProbeConfinement();

}  // namespace holdfast::sandbox
