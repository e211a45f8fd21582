// A child process that runs this very program with other arguments, talking over a Channel. It inherits
// no descriptor but the two pipes, standard error and what memory is shared with it, and an empty environment: nothing
// to steal.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/channel.h"
#include "sandbox/shared_memory.h"

namespace holdfast::sandbox {

class ChildProcess {
 public:
  // Starts `program` (usually "/proc/self/exe") with these arguments after its name; the child finds
  // the channel on standard input and output, and `memory`, unless null, where MapSharedMemory looks for it. This side
  // of the channel does not block, see Channel::SetDeadline.
  [[nodiscard]] static Result<std::unique_ptr<ChildProcess>> Start(const std::string& program,
                                                                   const std::vector<std::string>& arguments,
                                                                   const SharedMemory* memory = nullptr);
  // Kills the child if it still runs, and reaps it.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] Channel& Pipe() { return *channel_; }
  // How the child came to its end, for an error message: "was ended by signal 9 (Killed)". Requires: the channel has
  // said that the other side is gone. A child that only closed its pipes is killed: nobody waits for it.
  [[nodiscard]] std::string DescribeEnd();
  // Peak resident memory of the child in KiB; 0 before its end.
  [[nodiscard]] long PeakMemoryKiB() const { return peak_memory_kib_; }
  void Kill();

 private:
  ChildProcess(pid_t pid, std::unique_ptr<Channel> channel) : pid_(pid), channel_(std::move(channel)) {}
  int Reap();

  pid_t pid_;
  std::unique_ptr<Channel> channel_;
  bool reaped_ = false;
  int status_ = 0;
  long peak_memory_kib_ = 0;
};

}  // namespace holdfast::sandbox
