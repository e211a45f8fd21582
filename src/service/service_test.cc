// The analyzer with honest workers (this very program, see main below), with workers that misbehave (shell scripts),
// and the use case on top of it.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "base/format.h"
#include "sandbox/confine.h"
#include "sandbox/process.h"
#include "service/analyse_image.h"
#include "service/analyzer.h"
#include "service/layer_transfer.h"
#include "service/worker_protocol.h"
#include "support/image_fixtures.h"

namespace holdfast::service {
namespace {

using test::ExpectError;
using test::TarBuilder;
using test::Value;

constexpr std::string_view kWho = "confined process";

// `head`, then `fill` again and again, `size` bytes in all; then the end, or an error. Counts what was taken.
class MadeSource final : public io::ByteSource {
 public:
  MadeSource(std::string head, char fill, std::uint64_t size, bool fails = false)
      : head_(std::move(head)), block_(65536, fill), next_(AsBytes(head_)), left_(size), fails_(fails) {}
  Result<Bytes> Next(std::size_t max) override {
    if (left_ == 0 && fails_) return Fail(ErrorKind::kUnavailable, "the source broke");
    if (next_.empty()) next_ = AsBytes(block_);
    const Bytes view = next_.first(static_cast<std::size_t>(std::min<std::uint64_t>({next_.size(), max, left_})));
    next_ = next_.subspan(view.size());
    left_ -= view.size();
    taken += view.size();
    return view;
  }
  std::uint64_t taken = 0;

 private:
  std::string head_, block_;
  Bytes next_;
  std::uint64_t left_;
  bool fails_;
};

constexpr std::uint64_t kEndless = 64 * kGiB;
// What buffers hold at most; far less than all.
constexpr std::uint64_t kInVain = 64 * kMiB;
// What is taken at most for a worker that never takes anything.
constexpr std::uint64_t kUntaken = kSlotMemoryBytes;

std::string GoodLayer() {
  return TarBuilder()
      .File("var/lib/dpkg/status", "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n")
      .Text();
}

// Text that does not compress.
std::string Noise(std::size_t size) {
  std::string noise(size, '\0');
  std::uint32_t state = 1;
  for (char& c : noise) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return noise;
}

std::string FirstChild() {
  std::ifstream file(Format("/proc/self/task/{}/children", getpid()));
  std::string child;
  file >> child;
  return child;
}

std::unique_ptr<Analyzer> Confined(const Limits& limits = {}) {
  NullLogger logger;
  return Value(MakeAnalyzer(SandboxMode::kRequire, "/proc/self/exe", limits, {}, logger));
}

void ExpectStillInStep(Analyzer& analyzer) {
  const std::string text = GoodLayer();
  io::MemorySource layer(text), again(text);
  const std::string record = Value(analyzer.AnalyzeLayer(layer, {}));
  EXPECT_EQ(record, Value(MakeLocalAnalyzer({})->AnalyzeLayer(again, {})));
  EXPECT_EQ(Value(analyzer.AnalyzeImage({record}, {})).packages.size(), 1U);
}

TEST(Worker, AnswersLikeTheLocalAnalyzer) { ExpectStillInStep(*Confined()); }

TEST(Worker, ReadsDocumentsLikeTheLocalAnalyzer) {
  // More than a frame.
  const std::string long_list = "# " + std::string(3 * sandbox::kFrameBytesMax, 'x') + "\npkg:npm/a@1\n";
  const auto confined = Confined(), local = MakeLocalAnalyzer({});
  for (const std::string& text : {std::string("pkg:deb/debian/a@1?distro=debian-12\nno\n"), long_list}) {
    const sbom::Document expected = Value(local->ReadDocument(text, {})),
                         document = Value(confined->ReadDocument(text, {}));
    EXPECT_EQ(document.analysis, expected.analysis);
    EXPECT_EQ(document.completeness, expected.completeness);
    EXPECT_FALSE(document.completeness.gaps.empty());
  }
  ExpectError(confined->ReadDocument("no document", {}), ErrorKind::kUnsupported, "no document that lists packages");
  ExpectError(confined->ReadDocument("", {}), ErrorKind::kUnsupported, "empty");
  ExpectStillInStep(*confined);
}

TEST(WorkerProtocol, DamagedDocumentsAreRefused) {
  const std::string bytes = EncodeDocument(Value(sbom::ReadDocument("pkg:deb/debian/a@1?distro=debian-12\n")));
  EXPECT_EQ(Value(DecodeDocument(bytes)).completeness.gaps.size(), 2U);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(DecodeDocument(bytes.substr(0, cut))) << cut;
}

TEST(Worker, WhatIsNoTarIsGivenUpAtOnce) {
  const auto analyzer = Confined();
  const std::string worker = FirstChild();
  for (const std::string& head : {std::string("garbage"), std::string("\x1f\x8b\x08garbage"), std::string(600, 'x')}) {
    MadeSource endless(head, 'x', kEndless);
    EXPECT_FALSE(analyzer->AnalyzeLayer(endless, {})) << head;
    EXPECT_LT(endless.taken, kInVain) << head;
    ExpectStillInStep(*analyzer);
  }
  EXPECT_EQ(FirstChild(), worker);
}

TEST(Worker, ALayerThatHitsALimitIsGivenUpWithWhatWasRead) {
  Limits limits;
  limits.layer_bytes_max = 10'000'000;
  const auto analyzer = Confined(limits);
  const std::string worker = FirstChild();
  MadeSource endless(image::TarHeader({.path = "large", .mode = 0644, .size = kEndless}), 'x', kEndless);
  const auto analysis = Value(analyzer->AnalyzeImage({Value(analyzer->AnalyzeLayer(endless, {}))}, {}));
  EXPECT_LT(endless.taken, kInVain);
  ASSERT_FALSE(analysis.problems.empty());
  EXPECT_NE(analysis.problems[0].message.find("10000000 bytes"), std::string::npos);
  ExpectStillInStep(*analyzer);
  EXPECT_EQ(FirstChild(), worker);
}

// More in both directions than pipes hold: whoever wrote while the other did too would wait for ever.
TEST(Worker, ALongAnswerToALayerGivenUpIsNoDeadlock) {
  Limits limits;
  limits.layer_bytes_max = 12'000'000;
  const auto analyzer = Confined(limits);
  const std::string noise = Noise(10'000'000);
  const std::string kept = image::TarHeader({.path = "var/lib/dpkg/status", .mode = 0644, .size = noise.size()});
  const std::string head = kept + noise + std::string(image::TarPadding(noise.size()), '\0');
  for (int round = 0; round < 3; ++round) {
    MadeSource endless(head + image::TarHeader({.path = "rest", .mode = 0644, .size = kEndless}), 'x', kEndless);
    const auto record = Value(analyzer->AnalyzeLayer(endless, {}));
    EXPECT_GT(record.size(), noise.size() / 2);
    EXPECT_LT(endless.taken, head.size() + kInVain);
  }
  ExpectStillInStep(*analyzer);
}

TEST(Worker, ASourceThatFailsLeavesItInStep) {
  const auto analyzer = Confined();
  const std::string worker = FirstChild();
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{100}, std::uint64_t{kSlotBytes}, std::uint64_t{5'000'000}}) {
    MadeSource broken(image::TarHeader({.path = "large", .mode = 0644, .size = kEndless}), 'x', 512 + size, true);
    ExpectError(analyzer->AnalyzeLayer(broken, {}), ErrorKind::kUnavailable, "the source broke");
    MadeSource garbage(std::string(600, 'x'), 'x', 600 + size, true);
    EXPECT_FALSE(analyzer->AnalyzeLayer(garbage, {}));
    ExpectStillInStep(*analyzer);
  }
  EXPECT_EQ(FirstChild(), worker);
}

// Plain and compressed, smaller and larger than what is shared, ending in a slot and at its end.
TEST(Worker, LayersOfAllSizesAreReadWhole) {
  const auto analyzer = Confined();
  const auto local = MakeLocalAnalyzer({});
  for (const std::size_t size : {std::size_t{1}, kSlotBytes - 512, kSlotMemoryBytes - 512, 5 * kSlotMemoryBytes}) {
    const std::string noise = Noise(size);
    const std::string layer = TarBuilder().File("usr/bin/noise", noise).Text();
    io::MemorySource once(layer), again(layer, 4099);
    EXPECT_EQ(Value(analyzer->AnalyzeLayer(once, {})), Value(local->AnalyzeLayer(again, {}))) << size;
  }
}

TEST(Worker, AnEmptyLayerIsAnsweredLikeTheLocalAnalyzerDoes) {
  const auto analyzer = Confined();
  io::MemorySource none(""), again("");
  const auto answer = analyzer->AnalyzeLayer(none, {}), local = MakeLocalAnalyzer({})->AnalyzeLayer(again, {});
  ASSERT_EQ(answer.has_value(), local.has_value());
  if (answer) EXPECT_EQ(*answer, *local);
  if (!answer) EXPECT_EQ(answer.error().Message(), local.error().Message());
  ExpectStillInStep(*analyzer);
}

TEST(Worker, WithoutMemoryItSaysWhyItDoesNotServe) {
  auto child = Value(sandbox::ChildProcess::Start("/proc/self/exe", {"__worker"}));
  const auto frame = Value(child->Pipe().Receive());
  ASSERT_EQ(frame.type, Code(Message::kError));
  EXPECT_NE(DecodeError(AsText(frame.payload)).Message().find("share memory"), std::string::npos);
}

// Where the kernel refuses shared memory, as a confined process finds it to do.
TEST(Worker, WithoutSharedMemoryThereIsNoSandbox) {
  const pid_t child = fork();
  if (child == 0) {
    NullLogger logger;
    if (!sandbox::ConfineThisProcess({})) _exit(1);
    const auto required = MakeAnalyzer(SandboxMode::kRequire, "/proc/self/exe", {}, {}, logger);
    if (required || required.error().Message().find("no sandbox: cannot share memory") == std::string::npos) _exit(2);
    _exit(MakeAnalyzer(SandboxMode::kAuto, "/proc/self/exe", {}, {}, logger) ? 0 : 3);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(Worker, IsReplacedBeforeItsTimeIsUsedUp) {
  Limits limits;
  limits.scan_time_ms_max = 3000;
  const auto analyzer = Confined(limits);
  const std::string worker = FirstChild();
  while (FirstChild() == worker) ExpectStillInStep(*analyzer);
  ExpectStillInStep(*analyzer);
}

// A worker of our own making: a shell script. Says kReady unless told otherwise.
class Script {
 public:
  explicit Script(const std::string& body, bool ready = true) {
    const auto path = folder_.Path() / "worker";
    test::WriteFile(path, std::string("#!/bin/sh\n") + (ready ? R"(printf '\002\000\000\000\000')" : "") + "\n" + body);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    program_ = path.string();
  }
  Result<std::unique_ptr<Analyzer>> Make(const Limits& limits = {}) {
    NullLogger logger;
    return MakeAnalyzer(SandboxMode::kRequire, program_, limits, {}, logger);
  }

 private:
  test::TemporaryFolder folder_;
  std::string program_;
};

Result<std::string> AnalyzeGood(Analyzer& analyzer, const Deadline& deadline = {}) {
  const std::string text = GoodLayer();
  io::MemorySource layer(text);
  return analyzer.AnalyzeLayer(layer, deadline);
}

TEST(BadWorker, OneThatNeverStartsIsGivenUp) {
  Script silent("exec sleep 100000", false);
  Limits limits;
  limits.scan_time_ms_max = 50;
  ExpectError(silent.Make(limits), ErrorKind::kLimit, "starting the worker");
  ExpectError(Script("exit 3", false).Make(), ErrorKind::kUnavailable, "ended with code 3");
  ExpectError(Script(R"(printf '\007\000\000\000\000')", false).Make(), ErrorKind::kInternal, "another protocol");
}

TEST(BadWorker, OneThatHangsIsEndedAtTheDeadline) {
  const auto analyzer = Value(Script("exec sleep 100000").Make());
  ExpectError(AnalyzeGood(*analyzer, Deadline::After(50)), ErrorKind::kLimit, "50 ms");
}

TEST(BadWorker, OneThatDoesNotReadIsEndedAtTheDeadline) {
  Script script("exec sleep 100000");
  MadeSource endless("x", 'x', kEndless);
  ExpectError(Value(script.Make())->AnalyzeLayer(endless, Deadline::After(50)), ErrorKind::kLimit, kWho);
  EXPECT_LE(endless.taken, kUntaken);
  const std::vector<std::string> records(20, std::string(1'000'000, 'r'));
  ExpectError(Value(script.Make())->AnalyzeImage(records, Deadline::After(50)), ErrorKind::kLimit, kWho);
  EXPECT_EQ(FirstChild(), "");  // and gone
}

TEST(BadWorker, OneThatClosesItsPipesAndLivesIsEnded) {
  const auto analyzer = Value(Script("exec >&-; exec sleep 100000").Make());
  ExpectError(AnalyzeGood(*analyzer), ErrorKind::kCorrupt, kWho);
  EXPECT_EQ(FirstChild(), "");
}

TEST(BadWorker, OneThatDiesIsReportedAndTheNextRequestStartsAnother) {
  Script script("head -c 9 >/dev/null; kill -11 $$");
  const auto analyzer = Value(script.Make());
  for (int i = 0; i < 3; ++i) ExpectError(AnalyzeGood(*analyzer), ErrorKind::kCorrupt, "signal 11");
}

TEST(BadWorker, OneThatDiesInTheMiddleOfALayerIsReported) {
  // After the greeting and two slots.
  const std::size_t taken = 5 + EncodeHello({}).size() + 2 * 8;
  const auto analyzer = Value(Script(Format("head -c {} >/dev/null; kill -11 $$", taken)).Make());
  MadeSource endless("x", 'x', kEndless);
  ExpectError(analyzer->AnalyzeLayer(endless, {}), ErrorKind::kCorrupt, "signal 11");
  EXPECT_LE(endless.taken, kUntaken);
}

TEST(BadWorker, OneThatGivesUpAndThenSaysNothingIsEndedAtTheDeadline) {
  const auto analyzer = Value(Script(R"(printf '\014\000\000\000\000'; exec sleep 100000)").Make());
  MadeSource endless("x", 'x', kEndless);
  ExpectError(analyzer->AnalyzeLayer(endless, Deadline::After(50)), ErrorKind::kLimit, kWho);
  EXPECT_LE(endless.taken, kUntaken);
}

TEST(BadWorker, OneThatReturnsSlotsForEverGetsNoMoreThanTheLayer) {
  const auto analyzer = Value(Script(R"(while :; do printf '\015\000\000\000\000'; done)").Make());
  MadeSource layer("x", 'x', 20'000'000);
  ExpectError(analyzer->AnalyzeLayer(layer, {}), ErrorKind::kCorrupt, "gives back memory");
}

TEST(BadWorker, AnswersWithoutEndOrSenseAreCut) {
  Limits small;
  small.evidence_layer_bytes_max = small.inventory_bytes_max = 5;
  const struct {
    std::string body;
    Limits limits;
    ErrorKind kind;
    std::string_view part;
  } cases[] = {
      {R"(while :; do printf '\011\000\000\000\000'; done)", {}, ErrorKind::kCorrupt, "an empty frame"},
      {R"(while :; do printf '\011\001\000\000\000x'; done)", small, ErrorKind::kLimit, "more than 10 bytes"},
      {R"(printf '\012\013\000\000\000elevenbytes'; exec sleep 100000)", small, ErrorKind::kLimit, "more than 10"},
      {R"(printf '\012\377\377\377\377'; exec sleep 100000)", {}, ErrorKind::kCorrupt, "larger than any"},
      {R"(printf '\111\000\000\000\000'; exec sleep 100000)", {}, ErrorKind::kCorrupt, "unexpected frame"},
      {R"(printf '\014\000\000\000\000\014\000\000\000\000'; exec sleep 100000)",
       {},
       ErrorKind::kCorrupt,
       "unexpected"},
      {R"(printf '\015\000\000\000\000'; exec sleep 100000)", {}, ErrorKind::kCorrupt, "gives back memory"},
      {R"(printf '\015\001\000\000\000x'; exec sleep 100000)", {}, ErrorKind::kCorrupt, "gives back memory"},
      {R"(printf '\014\000\000\000\000\015\000\000\000\000'; exec sleep 100000)",
       {},
       ErrorKind::kCorrupt,
       "gives back memory"},
  };
  for (const auto& bad : cases) {
    const auto analyzer = Value(Script(bad.body).Make(bad.limits));
    const auto answer = AnalyzeGood(*analyzer);
    ExpectError(answer, bad.kind, bad.part);
    ExpectError(answer, bad.kind, kWho);
  }
  const auto analyzer = Value(Script(R"(printf '\012\003\000\000\000abc'; exec sleep 100000)").Make());
  EXPECT_FALSE(analyzer->AnalyzeImage({"record"}, {}));  // not an analysis
  const auto other = Value(Script(R"(printf '\015\000\000\000\000'; exec sleep 100000)").Make());
  ExpectError(other->AnalyzeImage({"record"}, {}), ErrorKind::kCorrupt, "unexpected frame");  // there is no layer
}

// The use case.

class OneLayer final : public image::Source {
 public:
  explicit OneLayer(io::ByteSource& bytes) : bytes_(bytes) {}
  Result<image::ImageDescription> Pull(image::LayerSink& sink) override {
    image::ImageDescription description;
    description.layers.push_back({.key = "layer"});
    HF_CHECK_OK(sink.Layer(description.layers[0], bytes_));
    return description;
  }

 private:
  io::ByteSource& bytes_;
};

class NoProgress final : public Progress {
 public:
  void Expect(std::uint64_t) override {}
  void Advance(std::uint64_t) override {}
};

Result<model::ImageAnalysis> Analyse(io::ByteSource& layer, Analyzer& analyzer, const Deadline& deadline = {}) {
  OneLayer source(layer);
  NoProgress progress;
  return AnalyseImage(source, analyzer, progress, deadline);
}

TEST(AnalyseImage, CountsALayerWholeThoughTheAnalyzerGaveUp) {
  Limits limits;
  limits.layer_bytes_max = 2'000'000;
  for (const auto& analyzer : {Confined(limits), MakeLocalAnalyzer(limits)}) {
    MadeSource layer(image::TarHeader({.path = "large", .mode = 0644, .size = kEndless}), 'x', 90'000'000);
    const auto analysis = Value(Analyse(layer, *analyzer));
    EXPECT_EQ(analysis.layers[0].compressed_bytes, 90'000'000U);
    EXPECT_FALSE(analysis.problems.empty());
  }
}

TEST(AnalyseImage, ALayerThatNeverEndsEndsWithTheDeadline) {
  for (const auto& analyzer : {Confined(), MakeLocalAnalyzer({})}) {
    MadeSource endless(image::TarHeader({.path = "large", .mode = 0644, .size = kEndless}), 'x', kEndless);
    ExpectError(Analyse(endless, *analyzer, Deadline::After(50)), ErrorKind::kLimit, "50 ms");
    const std::string text = GoodLayer();
    io::MemorySource good(text);
    EXPECT_EQ(Value(Analyse(good, *analyzer)).packages.size(), 1U);
  }
}

TEST(AnalyseImage, ADeadlineThatHasPassedIsAnError) {
  for (const auto& analyzer : {Confined(), MakeLocalAnalyzer({})}) {
    const std::string text = GoodLayer();
    io::MemorySource layer(text);
    ExpectError(Analyse(layer, *analyzer, Deadline::After(0)), ErrorKind::kLimit, "0 s");
    ExpectError(analyzer->AnalyzeImage({}, Deadline::After(0)), ErrorKind::kLimit);
  }
}

}  // namespace
}  // namespace holdfast::service

// This program is its own worker, as holdfast is.
int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  if (argc == 2 && std::strcmp(argv[1], "__worker") == 0) return holdfast::service::RunWorker();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
