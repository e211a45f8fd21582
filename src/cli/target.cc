#include "cli/target.h"

#include <unistd.h>

#include <array>
#include <filesystem>
#include <utility>

#include "base/format.h"
#include "io/file.h"
#include "sbom/document.h"

namespace holdfast::cli {
namespace {

constexpr std::string_view kStandardInput = "-";

// What was read already, then the rest.
class ResumedSource final : public io::ByteSource {
 public:
  ResumedSource(std::string head, std::unique_ptr<io::ByteSource> rest)
      : head_(std::move(head)), first_(std::string_view(head_)), rest_(std::move(rest)) {}
  Result<Bytes> Next(std::size_t max) override {
    HF_TRY(const Bytes view, first_.Next(max));
    if (!view.empty()) return view;
    return rest_->Next(max);
  }

 private:
  std::string head_;
  io::MemorySource first_;
  std::unique_ptr<io::ByteSource> rest_;
};

Result<std::unique_ptr<io::ByteSource>> Open(std::string_view path, const Deadline& deadline) {
  if (path == kStandardInput) return std::make_unique<io::DescriptorSource>(STDIN_FILENO, deadline);
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return Fail(ErrorKind::kInvalidInput, Format("'{}' is a folder, not a document", path));
  return io::OpenFile(path, deadline);
}

Result<std::string> ReadHead(io::ByteSource& source) {
  std::string head(sbom::kRecogniseBytes, '\0');
  HF_TRY(const std::size_t size, source.ReadSome({reinterpret_cast<std::uint8_t*>(head.data()), head.size()}));
  head.resize(size);
  return head;
}

// A byte more than a document may have, at most.
Result<std::string> ReadRest(std::string head, io::ByteSource& source) {
  io::SliceSource rest(source, sbom::kDocumentBytesMax + 1 - head.size());
  HF_TRY(const std::string more, rest.ReadText(sbom::kDocumentBytesMax + 1));
  return std::move(head) + more;
}

Result<std::string> CheckSize(std::string text) {
  if (text.size() > sbom::kDocumentBytesMax)
    return Fail(ErrorKind::kLimit, Format("a document of more than {} bytes", sbom::kDocumentBytesMax));
  return text;
}

Result<std::string> ReadWhole(std::string_view path, const Deadline& deadline) {
  if (path.empty()) return Fail(ErrorKind::kInvalidInput, "no document named");
  HF_TRY(const auto source, Open(path, deadline));
  HF_TRY(std::string text, ReadRest({}, *source));
  return CheckSize(std::move(text));
}

// "pkg:deb/debian/openssl@3", and not an image "pkg:1.2" or "pkg:5000/app".
bool IsPurl(std::string_view target) {
  constexpr std::string_view kScheme = "pkg:";
  if (!target.starts_with(kScheme) || !target.contains('/')) return false;
  const char first = target[kScheme.size()];
  return first < '0' || first > '9';
}

// Also when the rest is not worth reading: damaged by zeros, say. Scripts begin with '#' too, and are no lists.
bool BeginsLikeDocument(std::string_view head) {
  const std::size_t first = head.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  return first != std::string_view::npos && (head[first] == '{' || head[first] == '<');
}

Result<Target> LookAtFile(std::string_view path, bool is_stream, const Deadline& deadline) {
  Target result;
  HF_TRY(auto source, Open(path, deadline));
  HF_TRY(std::string head, ReadHead(*source));
  result.like_document = BeginsLikeDocument(head);
  if (!sbom::MayBeDocument(head)) {
    if (is_stream) result.stream = std::make_unique<ResumedSource>(std::move(head), std::move(source));
    return result;
  }
  HF_TRY(std::string text, ReadRest(std::move(head), *source));
  // Of a stream that begins like a document nothing else can be made: whoever reads it says what it is not.
  if (!is_stream && !sbom::RecogniseDocument(text)) return result;
  HF_TRY(result.document, CheckSize(std::move(text)));
  return result;
}

}  // namespace

Result<Target> LookAtTarget(std::string_view target, const Deadline& deadline) {
  Target result;
  for (const std::string_view scheme : {"sbom:", "purl:"})
    if (target.starts_with(scheme)) {
      HF_TRY(result.document, ReadWhole(target.substr(scheme.size()), deadline));
      return result;
    }
  if (IsPurl(target)) {
    result.document = target;
    return result;
  }
  if (target == kStandardInput) return LookAtFile(target, true, deadline);
  std::error_code error;
  const auto status = std::filesystem::status(target, error);
  const bool is_file = std::filesystem::is_regular_file(status);
  if (!is_file && (!std::filesystem::exists(status) || std::filesystem::is_directory(status))) return result;
  return LookAtFile(target, !is_file, deadline);
}

}  // namespace holdfast::cli
