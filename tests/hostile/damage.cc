// Damages one image in thousands of ways and analyses each, as `holdfast sbom` does: image source, confined worker,
// report. Each case must end in a result, a partial result that says so, or one clear error, in bounded time and
// memory; a truncated image must never give a complete result that lacks something.
//
//   hf_damage IMAGE [--truncations N] [--flips N] [--seed N] [--seconds-max N] [--memory-mib-max N]
//   hf_damage IMAGE --replay CASE        one case again, as its failure printed it: flip:plain:12345:7f,
//   truncate:packed:99
//
// Each fifth case goes through the confined worker, the others spare the time for it (as --sandbox=off).
//
// A starter process forks a runner that goes through the cases; when the runner dies or one case takes too long, the
// starter says which it was and forks another for the rest. The image lies in memory files, as it is ("packed") and
// decompressed ("plain"), and is damaged and mended in place. The last line of standard output counts the outcomes.

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/format.h"
#include "cli/report.h"
#include "image/open.h"
#include "io/decompress.h"
#include "io/file.h"
#include "io/json.h"
#include "service/analyse_image.h"
#include "support/peak_memory.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kPlainBytesMax = 256 * kMiB;
constexpr std::size_t kTarBlock = 512;
constexpr std::uint64_t kConfinedEach = 5;  // in no step with how cases are chosen

void Say(std::FILE* stream, const std::string& line) {
  std::fputs((line + "\n").c_str(), stream);
  std::fflush(stream);
}

[[noreturn]] void Die(const std::string& why) {
  Say(stderr, "hf_damage: " + why);
  _exit(2);
}

template <typename T>
T Must(Result<T> result) {
  if (!result) Die(result.error().Message());
  return *std::move(result);
}

// ---- Cases

enum class Form : std::uint8_t { kPacked, kPlain };

// Cut at `offset`, or the byte at `offset` changed by `flip`.
struct Case {
  Form form = Form::kPacked;
  std::uint64_t offset = 0;
  std::uint8_t flip = 0;  // 0: a truncation

  [[nodiscard]] std::string Text() const {
    const char* name = form == Form::kPacked ? "packed" : "plain";
    return flip == 0 ? Format("truncate:{}:{}", name, offset) : Format("flip:{}:{}:{:02x}", name, offset, flip);
  }
  static std::optional<Case> Parse(std::string_view text) {
    Case parsed;
    const bool cut = text.starts_with("truncate:");
    if (!cut && !text.starts_with("flip:")) return std::nullopt;
    text.remove_prefix(text.find(':') + 1);
    parsed.form = text.starts_with("plain:") ? Form::kPlain : Form::kPacked;
    text.remove_prefix(std::min(text.find(':'), text.size() - 1) + 1);
    const char* end = text.data() + text.size();
    const auto number = std::from_chars(text.data(), end, parsed.offset);
    if (number.ec != std::errc{}) return std::nullopt;
    if (cut) return number.ptr == end ? std::optional(parsed) : std::nullopt;
    if (number.ptr == end) return std::nullopt;
    const auto flip = std::from_chars(number.ptr + 1, end, parsed.flip, 16);
    return flip.ec == std::errc{} && parsed.flip != 0 ? std::optional(parsed) : std::nullopt;
  }
};

struct Range {
  std::uint64_t begin = 0, size = 0;
};

// The image in both forms, and where in the plain one a flip meets a parser: headers, and files that are read.
struct Image {
  std::string packed, plain;
  std::vector<Range> headers, documents;

  [[nodiscard]] const std::string& Of(Form form) const { return form == Form::kPacked ? packed : plain; }
};

bool IsDocument(std::string_view path) {
  for (const std::string_view part :
       {"lib/dpkg/", "lib/apk/db/", "lib/rpm", "sysimage/rpm", "os-release", ".json", "repositories"})
    if (path.find(part) != std::string_view::npos) return true;
  return false;
}

// Tar headers begin at multiples of a block, those of a tar inside a tar too.
void FindRanges(Image& image) {
  const std::string_view plain = image.plain;
  for (std::size_t at = 0; at + kTarBlock <= plain.size(); at += kTarBlock) {
    const std::string_view block = plain.substr(at, kTarBlock);
    if (block.substr(257, 5) != "ustar") continue;
    image.headers.push_back({at, kTarBlock});
    const std::string_view name = block.substr(0, std::min<std::size_t>(block.find('\0'), 100));
    std::uint64_t size = 0;
    (void)std::from_chars(block.data() + 124, block.data() + 135, size, 8);
    if (size > 0 && at + kTarBlock + size <= plain.size() && IsDocument(name))
      image.documents.push_back({at + kTarBlock, size});
  }
}

Image ReadImage(const std::filesystem::path& path) {
  Image image;
  image.packed = Must(Must(io::OpenFile(path))->ReadText(kPlainBytesMax));
  io::MemorySource source(image.packed);
  const Limits limits;
  image.plain = Must(Must(io::OpenDecompressor(source, limits))->ReadText(kPlainBytesMax));
  FindRanges(image);
  return image;
}

struct Plan {
  std::uint64_t truncations = 1000, flips = 10'000, seed = 1;
  std::uint64_t seconds_max = 60, memory_mib_max = 400;
  std::optional<Case> replay;
  [[nodiscard]] std::uint64_t Size() const { return replay ? 1 : 2 * truncations + flips; }
};

// Case `index` of a plan: first the truncations of the packed form, then those of the plain one, then the flips. Each
// 16th flip is in the packed form, where most meet a checksum; of the others a quarter goes for headers and a quarter
// for documents, which are few among so many bytes.
Case CaseAt(const Plan& plan, const Image& image, std::uint64_t index) {
  if (plan.replay) return *plan.replay;
  std::mt19937_64 random(plan.seed * 1'000'003 + index);
  const auto below = [&](std::uint64_t bound) { return random() % bound; };
  if (index < plan.truncations) return {Form::kPacked, below(image.packed.size())};
  if (index < 2 * plan.truncations) return {Form::kPlain, below(image.plain.size())};
  const auto flip = static_cast<std::uint8_t>(1 + below(255));
  if (index % 16 == 0) return {Form::kPacked, below(image.packed.size()), flip};
  const auto* ranges = index % 4 == 1 ? &image.headers : index % 4 == 2 ? &image.documents : nullptr;
  if (ranges == nullptr || ranges->empty()) return {Form::kPlain, below(image.plain.size()), flip};
  const Range range = (*ranges)[below(ranges->size())];
  return {Form::kPlain, range.begin + below(range.size), flip};
}

// ---- The image as a file that no disk holds

class MemoryFile {
 public:
  // `name` in `folder` leads to it: what the target is called counts too.
  MemoryFile(const std::string& content, const std::filesystem::path& name) : content_(content), name_(name) {
    descriptor_ = memfd_create("image", 0);
    Write(0, content_);
    std::error_code ignored;
    std::filesystem::remove(name_, ignored);
    std::filesystem::create_symlink(Format("/proc/{}/fd/{}", getpid(), descriptor_), name_);
  }
  ~MemoryFile() {
    std::error_code ignored;
    std::filesystem::remove(name_, ignored);
    close(descriptor_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  void Damage(const Case& damage) {
    if (damage.flip == 0) {
      if (ftruncate(descriptor_, static_cast<off_t>(damage.offset)) != 0) Die("cannot truncate");
    } else {
      Write(damage.offset, std::string(1, static_cast<char>(content_[damage.offset] ^ damage.flip)));
    }
  }
  void Mend(const Case& damage) {
    Write(damage.offset, std::string_view(content_).substr(damage.offset, damage.flip == 0 ? std::string::npos : 1));
  }
  [[nodiscard]] const std::filesystem::path& Name() const { return name_; }

 private:
  void Write(std::uint64_t at, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(at));
      if (count <= 0) Die("cannot write the image to memory");
      bytes.remove_prefix(static_cast<std::size_t>(count));
      at += static_cast<std::uint64_t>(count);
    }
  }

  const std::string& content_;
  std::filesystem::path name_;
  int descriptor_;
};

// ---- The runner

enum Outcome : std::uint8_t { kResult, kPartial, kError, kFailed, kOutcomes };
constexpr const char* kOutcomeNames[] = {"result", "partial", "error", "failed"};

// Shared by starter and runner.
struct Progress {
  std::atomic<std::uint64_t> next = 0;       // the case that runs
  std::atomic<std::int64_t> started_ms = 0;  // when it began
  std::atomic<std::uint64_t> outcomes[kOutcomes] = {};
  std::atomic<std::uint64_t> lost = 0;  // complete results of flips that have fewer packages than the image
  std::atomic<std::uint64_t> peak_kib = 0, worker_peak_kib = 0;
};

std::int64_t NowMs() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

std::uint64_t PeakKiB(const std::string& process) {
  std::ifstream file("/proc/" + process + "/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6));
  return 0;
}

std::string FirstChild() {
  std::ifstream file(Format("/proc/self/task/{}/children", getpid()));
  std::string child;
  file >> child;
  return child;
}

class NoProgress final : public service::Progress {
 public:
  void Expect(std::uint64_t) override {}
  void Advance(std::uint64_t) override {}
};

struct Ending {
  Outcome outcome = kFailed;
  std::string detail;
  std::size_t packages = 0;
  std::uint64_t files = 0;
};

class Runner {
 public:
  Runner(const Plan& plan, const Image& image, const std::filesystem::path& folder, Progress& progress)
      : plan_(plan),
        image_(image),
        packed_(image.packed, folder / "packed.tar.gz"),  // whatever its compression: that is sniffed
        plain_(image.plain, folder / "plain.tar"),
        progress_(progress) {}

  void Run() {
    const Ending whole = Analyse(packed_.Name(), true);
    if (whole.outcome != kResult) Die("the image itself does not give a result: " + whole.detail);
    for (; progress_.next < plan_.Size() && !spent_; ++progress_.next) {
      progress_.started_ms = NowMs();
      const Case damage = CaseAt(plan_, image_, progress_.next);
      MemoryFile& file = damage.form == Form::kPacked ? packed_ : plain_;
      file.Damage(damage);
      const Ending ending = Judge(damage, whole, Analyse(file.Name(), progress_.next % kConfinedEach == 0));
      file.Mend(damage);
      ++progress_.outcomes[ending.outcome];
      if (ending.outcome == kFailed)
        Say(stderr, Format("FAILED {}: {}", damage.Text(), ending.detail));
      else if (plan_.replay || std::getenv("HOLDFAST_DAMAGE_VERBOSE") != nullptr)
        Say(stderr, Format("{} {}: {} packages, {} files {}", kOutcomeNames[ending.outcome], damage.Text(),
                           ending.packages, ending.files, ending.detail));
    }
  }

 private:
  Ending Analyse(const std::filesystem::path& target, bool confined) {
    if (confined_ == nullptr)
      confined_ = Must(service::MakeAnalyzer(service::SandboxMode::kRequire, "/proc/self/exe", limits_, {}, logger_));
    service::Analyzer& analyzer = confined || plan_.replay ? *confined_ : *local_;
    NoProgress progress;
    const auto analysis = [&]() -> Result<model::ImageAnalysis> {
      HF_TRY(const auto source, image::OpenSource(target.string(), {}, logger_));
      return service::AnalyseImage(*source, analyzer, progress, {});
    }();
    if (!analysis) return JudgeError(analysis.error());
    return JudgeAnalysis(*analysis);
  }

  static Ending JudgeError(const Error& error) {
    const std::string detail = Format("{}: {}", ErrorKindName(error.Kind()), error.Message());
    // Damage is no bug of ours, no reason to try again and no wrong use; and whoever reads it never breaks down.
    const bool clear = error.Kind() == ErrorKind::kCorrupt || error.Kind() == ErrorKind::kLimit ||
                       error.Kind() == ErrorKind::kUnsupported || error.Kind() == ErrorKind::kNotFound;
    const bool broke_down = error.Message().find("confined process") != std::string::npos;
    const bool one_line = !error.Message().empty() && error.Message().find('\n') == std::string::npos;
    return {clear && one_line && !broke_down ? kError : kFailed, detail};
  }

  [[nodiscard]] Ending JudgeAnalysis(const model::ImageAnalysis& analysis) const {
    Ending ending{kResult, {}, analysis.packages.size(), analysis.files};
    for (const Problem& problem : analysis.problems)
      if (MakesPartial(problem)) {
        ending.outcome = kPartial;
        ending.detail = problem.path + ": " + problem.message;
      }
    if (analysis.problems_dropped > 0) ending.outcome = kPartial;
    // Reports cost more than the analysis: all of them now and then.
    if (progress_.next % 8 != 0 && !plan_.replay) return ending;
    for (const std::string& format : cli::ReportFormats(true)) {
      if (format == cli::kTemplateFormat) continue;
      io::StringSink sink;
      if (const auto written = cli::WriteReport(format, {.analysis = analysis}, {}, sink); !written)
        return {kFailed, format + ": " + written.error().Message()};
      if (format.find("json") == std::string::npos) continue;
      const auto document = io::JsonDocument::Parse(sink.Text(), {.bytes_max = kGiB});
      if (!document) return {kFailed, format + ": " + document.error().Message()};
      if (format == "json" && document->Root()["complete"].Bool() != (ending.outcome == kResult))
        return {kFailed, "the report does not say whether it is complete"};
    }
    return ending;
  }

  Ending Judge(const Case& damage, const Ending& whole, Ending ending) {
    const std::string worker = FirstChild();
    Raise(progress_.peak_kib, PeakKiB("self"));
    Raise(progress_.worker_peak_kib, PeakKiB(worker));
    const std::uint64_t most = std::max(progress_.peak_kib.load(), progress_.worker_peak_kib.load());
    if (test::kMemoryIsMeaningful && most > plan_.memory_mib_max * 1024) {
      spent_ = true;
      progress_.peak_kib = progress_.worker_peak_kib = 0;
      return {kFailed, Format("{} KiB of memory", most)};
    }
    if (ending.outcome != kResult) return ending;
    if (damage.flip == 0 && (ending.packages != whole.packages || ending.files != whole.files))
      return {kFailed, Format("a complete result of {} packages and {} files, where the whole image has {} and {}",
                              ending.packages, ending.files, whole.packages, whole.files)};
    if (ending.packages < whole.packages) ++progress_.lost;
    return ending;
  }

  static void Raise(std::atomic<std::uint64_t>& most, std::uint64_t value) { most = std::max(most.load(), value); }

  const Plan& plan_;
  const Image& image_;
  MemoryFile packed_, plain_;
  Progress& progress_;
  Limits limits_;
  NullLogger logger_;
  bool spent_ = false;  // a peak of memory is remembered as long as the process lives: another goes on
  std::unique_ptr<service::Analyzer> confined_, local_ = service::MakeLocalAnalyzer(limits_);
};

// ---- The starter

// Waits for the runner, and ends it when one case takes too long. Why it ended, or empty when it is through.
std::string Attend(pid_t runner, const Plan& plan, const Progress& progress) {
  int status = 0;
  bool hangs = false;
  while (waitpid(runner, &status, WNOHANG) == 0) {
    const std::int64_t started = progress.started_ms;
    hangs = started != 0 && NowMs() - started > static_cast<std::int64_t>(plan.seconds_max) * 1000;
    if (hangs) kill(runner, SIGKILL);
    usleep(hangs ? 1000 : 100'000);
  }
  if (hangs) return Format("takes more than {} s", plan.seconds_max);
  if (WIFSIGNALED(status)) return Format("ended by signal {}", WTERMSIG(status));
  if (WEXITSTATUS(status) == 2) _exit(2);
  return WEXITSTATUS(status) == 0 ? "" : Format("ended with code {}", WEXITSTATUS(status));
}

int Start(const Plan& plan, const Image& image) {
  void* shared = mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) Die("no shared memory");
  auto& progress = *new (shared) Progress;
  std::string name = (std::filesystem::temp_directory_path() / "hf_damage_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) Die("no temporary folder");
  const std::int64_t began = NowMs();
  while (progress.next < plan.Size()) {
    progress.started_ms = 0;
    const pid_t runner = fork();
    if (runner < 0) Die("cannot fork");
    if (runner == 0) {
      Runner(plan, image, name, progress).Run();
      std::_Exit(0);
    }
    const std::string why = Attend(runner, plan, progress);
    if (why.empty()) continue;
    Say(stderr, Format("FAILED {}: {}", CaseAt(plan, image, progress.next).Text(), why));
    ++progress.outcomes[kFailed];
    ++progress.next;
  }
  std::error_code ignored;
  std::filesystem::remove_all(name, ignored);
  std::string counts;
  for (int i = 0; i < kOutcomes; ++i) counts += Format(R"("{}": {}, )", kOutcomeNames[i], progress.outcomes[i].load());
  Say(stdout, Format(R"({{"cases": {}, {}"fewer_packages": {}, "seconds": {}, "peak_kib": {}, "worker_peak_kib": {}}})",
                     plan.Size(), counts, progress.lost.load(), (NowMs() - began) / 1000, progress.peak_kib.load(),
                     progress.worker_peak_kib.load()));
  return progress.outcomes[kFailed] == 0 ? 0 : 1;
}

int Main(int argc, char** argv) {
  Plan plan;
  std::string path;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (!flag.starts_with("--")) {
      path = flag;
      continue;
    }
    if (i + 1 == argc) Die(Format("{} lacks a value", flag));
    const std::string value = argv[++i];
    if (flag == "--replay") {
      plan.replay = Case::Parse(value);
      if (!plan.replay) Die(Format("'{}' is no case", value));
      continue;
    }
    std::uint64_t* const number = flag == "--truncations"      ? &plan.truncations
                                  : flag == "--flips"          ? &plan.flips
                                  : flag == "--seed"           ? &plan.seed
                                  : flag == "--seconds-max"    ? &plan.seconds_max
                                  : flag == "--memory-mib-max" ? &plan.memory_mib_max
                                                               : nullptr;
    if (number == nullptr) Die(Format("unknown flag {}", flag));
    if (std::from_chars(value.data(), value.data() + value.size(), *number).ec != std::errc{})
      Die(Format("{} is no number", value));
  }
  if (path.empty()) Die("no image");
  const Image image = ReadImage(path);
  if (plan.replay && plan.replay->offset >= image.Of(plan.replay->form).size()) Die("the image is shorter than that");
  return Start(plan, image);
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  if (argc == 2 && std::strcmp(argv[1], "__worker") == 0) return holdfast::service::RunWorker();
  return holdfast::Main(argc, argv);
}
