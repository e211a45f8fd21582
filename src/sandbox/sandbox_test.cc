#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "base/format.h"
#include "sandbox/channel.h"
#include "sandbox/confine.h"
#include "sandbox/process.h"
#include "sandbox/shared_memory.h"
#include "support/test_support.h"

namespace holdfast::sandbox {
namespace {

using test::ExpectError;
using test::Value;

// Runs `body` in a child; its return value is the exit code.
int InChild(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

// The same in a confined child; 200 when confinement failed.
int InConfinedChild(const std::function<int()>& body) {
  return InChild([&] { return ConfineThisProcess({}) ? body() : 200; });
}

TEST(Confine, ComputesButReachesNothing) {
  EXPECT_EQ(InConfinedChild([] { return 7; }), 7);
  EXPECT_EQ(InConfinedChild([] { return open("/etc/passwd", O_RDONLY) < 0 && errno == EPERM ? 0 : 1; }), 0);
  EXPECT_EQ(InConfinedChild([] { return unlink("/nonexistent") < 0 && errno == EPERM ? 0 : 1; }), 0);
  EXPECT_EQ(InConfinedChild([] { return kill(getppid(), 0) < 0 && errno == EPERM ? 0 : 1; }), 0);
}

TEST(Confine, NoExecNoSocketNoExecutableMemory) {
  EXPECT_EQ(InConfinedChild([] { return execl("/bin/true", "true", nullptr); }), 1000 + SIGSYS);
  EXPECT_EQ(InConfinedChild([] { return socket(AF_INET, SOCK_STREAM, 0); }), 1000 + SIGSYS);
  EXPECT_EQ(InConfinedChild([] {
              void* memory =
                  mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              return memory == MAP_FAILED ? 0 : 1;
            }),
            0);
}

TEST(Confine, ThreadsStillWork) {
  EXPECT_EQ(InConfinedChild([] {
              int sum = 0;
              std::thread thread([&] { sum = 41; });
              thread.join();
              return sum + 1;
            }),
            42);
  EXPECT_EQ(InConfinedChild([] { return fork() < 0 ? 0 : 1; }), 0);
}

TEST(Confine, TheProbeAgrees) { EXPECT_TRUE(ProbeConfinement()); }

struct Pipes {
  Pipes() {
    int a[2], b[2];
    if (pipe(a) != 0 || pipe(b) != 0) std::abort();
    left = std::make_unique<Channel>(a[0], b[1]);
    right = std::make_unique<Channel>(b[0], a[1]);
  }
  std::unique_ptr<Channel> left, right;
};

TEST(Channel, CarriesFramesOfAllSizes) {
  Pipes pipes;
  const std::string large(3 * kFrameBytesMax + 17, 'x');
  std::thread sender([&] {
    ASSERT_TRUE(pipes.left->Send(1, {}));
    ASSERT_TRUE(pipes.left->Send(2, AsBytes("hello")));
    ASSERT_TRUE(pipes.left->SendLong(3, 4, AsBytes(large)));
  });
  EXPECT_EQ(Value(pipes.right->Receive()).type, 1);
  const auto hello = Value(pipes.right->Receive());
  EXPECT_EQ(AsText(hello.payload), "hello");
  const auto first = Value(pipes.right->Receive());
  EXPECT_EQ(Value(pipes.right->ReceiveLong(first, 3, 4, kFrameBytesMax * 4)), large);
  sender.join();
}

TEST(Channel, RefusesLyingLengthsAndSaysWhenTheOtherSideIsGone) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const std::string lie("\x01\xff\xff\xff\xff", 5);
  ASSERT_EQ(write(ends[1], lie.data(), lie.size()), 5);
  Channel channel(ends[0], open("/dev/null", O_WRONLY));
  ExpectError(channel.Receive(), ErrorKind::kCorrupt);
  close(ends[1]);
  ExpectError(channel.Receive(), ErrorKind::kUnavailable);
}

TEST(Channel, AnEndlessRowOfEmptyFramesIsNoAnswer) {
  Pipes pipes;
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(pipes.left->Send(3, {}));
  const auto first = Value(pipes.right->Receive());
  ExpectError(pipes.right->ReceiveLong(first, 3, 4, 1000), ErrorKind::kCorrupt, "empty frame");
}

constexpr std::size_t kMemoryBytes = 256 * 1024;

TEST(SharedMemory, TheChildReadsWhatTheParentWritesAndCanDoNothingElse) {
  const auto memory = Value(SharedMemory::Make(kMemoryBytes));
  memory->Writable()[kMemoryBytes - 1] = 42;
  EXPECT_EQ(InChild([&] {
              dup2(memory->ForChild(), kSharedMemoryDescriptor);
              const auto mapped = MapSharedMemory(kMemoryBytes);
              if (!mapped || !ConfineThisProcess({})) return 1;
              auto* const start = const_cast<std::uint8_t*>(mapped->data());
              // Not even one that kept a descriptor can write.
              const int kept = memory->ForChild();
              if (mprotect(start, kMemoryBytes, PROT_READ | PROT_WRITE) == 0) return 2;
              if (mmap(nullptr, kMemoryBytes, PROT_READ | PROT_WRITE, MAP_SHARED, kept, 0) != MAP_FAILED) return 3;
              if (write(kept, "x", 1) == 1) return 4;
              return (*mapped)[0] == 0 ? (*mapped)[kMemoryBytes - 1] : 5;
            }),
            42);
}

TEST(SharedMemory, NobodyCutsOrGrowsIt) {
  const auto memory = Value(SharedMemory::Make(kMemoryBytes));
  const int writable = open(Format("/proc/self/fd/{}", memory->ForChild()).c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(writable, 0);
  EXPECT_NE(ftruncate(writable, 0), 0);
  EXPECT_NE(ftruncate(writable, kMemoryBytes + 1), 0);
  EXPECT_NE(fcntl(writable, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), 0);
  close(writable);
}

TEST(SharedMemory, IsRefusedByAKernelThatHasNone) {
  EXPECT_EQ(InConfinedChild([] {
              const auto memory = SharedMemory::Make(kMemoryBytes);
              return !memory && memory.error().Kind() == ErrorKind::kUnavailable ? 0 : 1;
            }),
            0);
}

TEST(SharedMemory, OfAnotherSizeOrNoneIsNotMapped) {
  const auto memory = Value(SharedMemory::Make(kMemoryBytes));
  EXPECT_EQ(InChild([&] {
              dup2(memory->ForChild(), kSharedMemoryDescriptor);
              if (MapSharedMemory(kMemoryBytes + 1)) return 1;
              return MapSharedMemory(kMemoryBytes) ? 2 : 0;  // the descriptor is closed
            }),
            0);
}

TEST(ChildProcess, SaysHowTheChildEnded) {
  auto child = Value(ChildProcess::Start("/bin/sh", {"-c", "kill -9 $$"}));
  ExpectError(child->Pipe().Receive(), ErrorKind::kUnavailable);
  EXPECT_NE(child->DescribeEnd().find("signal 9"), std::string::npos);
  auto other = Value(ChildProcess::Start("/bin/sh", {"-c", "exit 3"}));
  ExpectError(other->Pipe().Receive(), ErrorKind::kUnavailable);
  EXPECT_EQ(other->DescribeEnd(), "ended with code 3");
  ExpectError(ChildProcess::Start("/nonexistent/program", {}), ErrorKind::kUnavailable, "cannot start");
}

TEST(ChildProcess, InheritsNothing) {
  auto child = Value(ChildProcess::Start("/bin/sh", {"-c", "test -z \"$HOME\" && test ! -e /proc/self/fd/3; exit $?"}));
  ExpectError(child->Pipe().Receive(), ErrorKind::kUnavailable);
  EXPECT_EQ(child->DescribeEnd(), "ended with code 0");
}

TEST(ChildProcess, InheritsTheMemoryAndNothingElse) {
  const auto memory = Value(SharedMemory::Make(kMemoryBytes));
  std::ranges::copy(std::string_view("hello"), memory->Writable().begin());
  const std::string script = R"(test ! -e /proc/self/fd/4 && printf '\001\005\000\000\000' && head -c 5 <&3)";
  auto child = Value(ChildProcess::Start("/bin/sh", {"-c", "PATH=/usr/bin:/bin; " + script}, memory.get()));
  EXPECT_EQ(AsText(Value(child->Pipe().Receive()).payload), "hello");
}

TEST(ChildProcess, OneThatOnlyClosesItsPipesIsNotWaitedFor) {
  auto child = Value(ChildProcess::Start("/bin/sh", {"-c", "exec >&- <&-; exec sleep 100000"}));
  ExpectError(child->Pipe().Receive(), ErrorKind::kUnavailable);
  EXPECT_NE(child->DescribeEnd().find("signal 9"), std::string::npos);
}

TEST(ChildProcess, SilenceAndAFullPipeEndWithTheDeadline) {
  auto child = Value(ChildProcess::Start("/bin/sh", {"-c", "exec sleep 100000"}));
  child->Pipe().SetDeadline(Deadline::After(20));
  ExpectError(child->Pipe().Receive(), ErrorKind::kLimit, "20 ms");
  child->Pipe().SetDeadline(Deadline::After(50));
  const std::string frame(kFrameBytesMax, 'x');
  Result<void> sent;
  for (int i = 0; sent && i < 100; ++i) sent = child->Pipe().Send(1, AsBytes(frame));
  ExpectError(sent, ErrorKind::kLimit, "50 ms");
}

}  // namespace
}  // namespace holdfast::sandbox
