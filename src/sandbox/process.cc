#include "sandbox/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/format.h"

namespace holdfast::sandbox {
namespace {

// A larger pipe means fewer switches between the processes; the kernel may grant less.
constexpr int kPipeBytes = 1 << 20;

struct PipeEnds {
  int read = -1, write = -1;
};

void DoNotBlock(int descriptor) { fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK); }

Result<PipeEnds> MakePipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return Fail(ErrorKind::kUnavailable, Format("cannot make a pipe: {}", std::strerror(errno)));
  fcntl(ends[0], F_SETPIPE_SZ, kPipeBytes);
  return PipeEnds{ends[0], ends[1]};
}

struct Inherited {
  int input, output;
  const SharedMemory* memory;  // may be null
};

Result<pid_t> Spawn(const std::string& program, const std::vector<std::string>& arguments, const Inherited& inherited) {
  std::vector<char*> argv{const_cast<char*>("holdfast")};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::array<char*, 1> environment{nullptr};

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, inherited.input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, inherited.output, STDOUT_FILENO);
  int next = STDERR_FILENO + 1;
  if (inherited.memory != nullptr) {
    static_assert(kSharedMemoryDescriptor == STDERR_FILENO + 1);
    posix_spawn_file_actions_adddup2(&actions, inherited.memory->ForChild(), next++);
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, next);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, program.c_str(), &actions, nullptr, argv.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    return Fail(ErrorKind::kUnavailable, Format("cannot start the worker process: {}", std::strerror(error)));
  return pid;
}

}  // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::Start(const std::string& program,
                                                          const std::vector<std::string>& arguments,
                                                          const SharedMemory* memory) {
  HF_TRY(const PipeEnds down, MakePipe());
  auto up = MakePipe();
  if (!up) {
    close(down.read);
    close(down.write);
    return std::unexpected(up.error());
  }
  auto pid = Spawn(program, arguments, {down.read, up->write, memory});
  close(down.read);
  close(up->write);
  DoNotBlock(up->read);
  DoNotBlock(down.write);
  auto channel = std::make_unique<Channel>(up->read, down.write);
  if (!pid) return std::unexpected(pid.error());
  return std::unique_ptr<ChildProcess>(new ChildProcess(*pid, std::move(channel)));
}

ChildProcess::~ChildProcess() {
  Kill();
  Reap();
}

void ChildProcess::Kill() {
  if (!reaped_) kill(pid_, SIGKILL);
}

int ChildProcess::Reap() {
  if (reaped_) return status_;
  rusage usage{};
  while (wait4(pid_, &status_, 0, &usage) < 0 && errno == EINTR) {
  }
  reaped_ = true;
  peak_memory_kib_ = usage.ru_maxrss;
  return status_;
}

std::string ChildProcess::DescribeEnd() {
  // To one that is dying this does nothing: how it ends was settled before its pipes closed.
  Kill();
  const int status = Reap();
  if (WIFSIGNALED(status)) return Format("was ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  return Format("ended with code {}", WEXITSTATUS(status));
}

}  // namespace holdfast::sandbox
