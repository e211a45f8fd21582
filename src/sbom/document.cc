#include "sbom/document.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/format.h"
#include "base/text.h"
#include "io/json.h"
#include "io/xml.h"
#include "sbom/document_readers.h"

namespace holdfast::sbom {
namespace {

using io::JsonDocument;
using io::JsonView;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kBlanks = " \t\r\n";
// Statements in envelopes in statements: no more than anybody makes.
constexpr int kWrappersMax = 4;

std::string_view WithoutMark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::size_t first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

// The first line that is neither blank nor a comment.
std::string_view FirstLine(std::string_view text) {
  while (!text.empty())
    if (const std::string_view line = Trim(TakeLine(text)); !line.empty() && !line.starts_with('#')) return line;
  return {};
}

// The keys of the outermost object, and the texts beside them, without a parser: of a document that is damaged or large
// too. Escapes are left as they are, since no key or text that matters here has any.
class OutermostKeys {
 public:
  explicit OutermostKeys(std::string_view text) : text_(text) {}

  // Calls `each(key, text)`; the text is empty for other values. Stops when `each` says false.
  template <typename Each>
  void Visit(Each each) {
    std::string_view key;
    bool after_colon = false;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        const std::string_view quoted = TakeQuoted();
        if (depth_ != 1) continue;
        if (!after_colon) {
          key = quoted;
        } else if (!each(key, quoted)) {
          return;
        }
        continue;
      }
      ++at_;
      if (c == '{' || c == '[') {
        if (depth_++ == 1 && after_colon && !each(key, std::string_view())) return;
      } else if (c == '}' || c == ']') {
        if (depth_-- <= 1) return;
      } else if (depth_ == 1 && (c == ':' || c == ',')) {
        after_colon = c == ':';
      }
    }
  }

 private:
  std::string_view TakeQuoted() {
    const std::size_t start = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2U : 1U;
    const std::size_t end = std::min(at_, text_.size());
    at_ = end + 1;
    return text_.substr(start, end - start);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

struct SeenKeys {
  bool bom_format = false, spec_version = false, components = false, spdx = false, context = false, graph = false;
  bool artifacts = false, packages = false, schema = false, descriptor = false, of_syft = false, wrapped = false;

  bool See(std::string_view key, std::string_view text) {
    bom_format |= key == "bomFormat" && text == "CycloneDX";
    spec_version |= key == "specVersion";
    components |= key == "components";
    spdx |= key == "spdxVersion" && text.starts_with("SPDX-2");
    context |= key == "@context" && text.contains("spdx.org/rdf/3");
    graph |= key == "@graph";
    artifacts |= key == "artifacts";
    packages |= key == "packages";
    schema |= key == "schema";
    descriptor |= key == "descriptor";
    of_syft |= key == "artifactRelationships" || key == "distro" || key == "source";
    wrapped |= (key == "predicateType" && !text.empty()) || (key == "payloadType" && text.contains("in-toto")) ||
               ((key == "SPDX" || key == "sbom") && text.empty());
    return !Format();
  }

  [[nodiscard]] std::optional<DocumentFormat> Format() const {
    if (bom_format) return DocumentFormat::kCycloneDxJson;
    if (spdx) return DocumentFormat::kSpdxJson;
    if (context && graph) return DocumentFormat::kSpdx3Json;
    if (schema && descriptor && packages) return DocumentFormat::kNativeJson;
    return std::nullopt;
  }
  // What only the end of the document can tell.
  [[nodiscard]] std::optional<DocumentFormat> FormatAtEnd() const {
    if (const auto format = Format()) return format;
    if (artifacts && (schema || descriptor || of_syft)) return DocumentFormat::kSyftJson;
    if (spec_version && components) return DocumentFormat::kCycloneDxJson;
    return std::nullopt;
  }
};

SeenKeys KeysOf(std::string_view text) {
  SeenKeys seen;
  OutermostKeys(text).Visit([&](std::string_view key, std::string_view value) { return seen.See(key, value); });
  return seen;
}

// <bom xmlns="http://cyclonedx.org/schema/bom/1.4" …>, after declarations and comments.
bool IsCycloneDxXml(std::string_view text) {
  constexpr std::size_t kHeadBytesMax = 64 * 1024;
  const std::string_view head = text.substr(0, kHeadBytesMax);
  const std::size_t name_space = head.find("cyclonedx.org/schema/bom");
  const std::size_t element = head.find("bom");
  return name_space != std::string_view::npos && element < name_space;
}

bool IsSpdxTagValue(std::string_view text) { return FirstLine(text).starts_with("SPDXVersion:"); }

bool IsPurlList(std::string_view text) {
  const std::string_view line = FirstLine(text);
  return line.starts_with("pkg:") && line.contains('/');
}

// What the text looks like, for people.
std::string_view Impression(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.starts_with('{') || text.starts_with('[')) return "it looks like JSON of another kind";
  if (text.starts_with('<'))
    return text.contains("spdx.org/rdf") ? "it looks like SPDX in RDF, which is not read"
                                         : "it looks like XML of another kind";
  return "it looks like none of these";
}

std::unexpected<Error> Unknown(std::string_view text) {
  return Fail(ErrorKind::kUnsupported,
              Format("no document that lists packages (CycloneDX, SPDX, Syft's or Holdfast's JSON, package URLs): {}",
                     Impression(text)));
}

Result<JsonDocument> ParseJson(std::string_view text, const Limits& limits) {
  return JsonDocument::Parse(text, {.bytes_max = kDocumentBytesMax, .depth_max = limits.document_depth_max});
}

std::optional<DocumentFormat> FormatOf(JsonView root) {
  SeenKeys seen;
  for (std::size_t i = 0; i < root.Size(); ++i) {
    const JsonView value = root.At(i);
    // As far as the scanner above: other scalars say nothing.
    if (value.IsString() || value.IsObject() || value.IsArray()) (void)seen.See(root.KeyAt(i), value.StringOr(""));
  }
  return seen.FormatAtEnd();
}

Result<Document> ReadJson(std::string_view text, const Limits& limits, int wrappers_left);

// What stands inside; cosign puts the document into "Data" of some predicates.
JsonView Unwrapped(JsonView root) {
  for (const std::string_view key : {"SPDX", "sbom"})
    if (root[key].IsObject()) return root[key];
  const JsonView predicate = root["predicate"];
  return predicate["Data"].IsObject() ? predicate["Data"] : predicate;
}

Result<Document> ReadRoot(JsonView root, const Limits& limits, int wrappers_left) {
  for (; wrappers_left > 0 && root.IsObject(); --wrappers_left) {
    if (const auto format = FormatOf(root)) {
      if (*format == DocumentFormat::kCycloneDxJson) return ReadCycloneDx(root, limits);
      if (*format == DocumentFormat::kSpdxJson) return ReadSpdx2(root, limits);
      if (*format == DocumentFormat::kSpdx3Json) return ReadSpdx3(root, limits);
      if (*format == DocumentFormat::kNativeJson) return ReadNative(root, limits);
      return ReadSyft(root, limits);
    }
    if (root["payloadType"].IsString()) {
      const auto payload = DecodeBase64(root["payload"].StringOr(""));
      if (!payload) return Fail(ErrorKind::kCorrupt, "the payload of the envelope is no Base64");
      return ReadJson(AsText(*payload), limits, wrappers_left - 1);
    }
    root = Unwrapped(root);
  }
  return Unknown("{");
}

Result<Document> ReadJson(std::string_view text, const Limits& limits, int wrappers_left) {
  HF_TRY_IN("document", const auto document, ParseJson(text, limits));
  return ReadRoot(document.Root(), limits, wrappers_left);
}

}  // namespace

std::optional<DocumentFormat> RecogniseDocument(std::string_view text) {
  text = WithoutMark(text);
  if (text.starts_with('{')) {
    const SeenKeys seen = KeysOf(text);
    if (const auto format = seen.FormatAtEnd()) return format;
    // What is inside is known when it is read; SPDX is what most attach.
    return seen.wrapped ? std::optional(DocumentFormat::kSpdxJson) : std::nullopt;
  }
  if (text.starts_with('<')) return IsCycloneDxXml(text) ? std::optional(DocumentFormat::kCycloneDxXml) : std::nullopt;
  if (IsSpdxTagValue(text)) return DocumentFormat::kSpdxTagValue;
  if (IsPurlList(text)) return DocumentFormat::kPurls;
  return std::nullopt;
}

bool MayBeDocument(std::string_view head) {
  head = WithoutMark(head);
  if (head.contains('\0')) return false;
  constexpr std::array<std::string_view, 5> kBeginnings = {"{", "<", "#", "SPDXVersion:", "pkg:"};
  return std::ranges::any_of(kBeginnings, [&](std::string_view beginning) { return head.starts_with(beginning); });
}

Result<Document> ReadDocument(std::string_view text, const Limits& limits) {
  if (text.size() > kDocumentBytesMax)
    return Fail(ErrorKind::kLimit, Format("a document of {} bytes, limit {}", text.size(), kDocumentBytesMax));
  const std::string_view body = WithoutMark(text);
  if (body.starts_with('{')) return ReadJson(body, limits, kWrappersMax);
  if (body.starts_with('<') && IsCycloneDxXml(body)) {
    HF_TRY_IN("document", const auto document,
              io::XmlDocument::Parse(body, {.bytes_max = kDocumentBytesMax, .depth_max = limits.document_depth_max}));
    if (document.Root().Name() != "bom") return Unknown(body);
    return ReadCycloneDx(document.Root(), limits);
  }
  if (IsSpdxTagValue(body)) return ReadSpdxTagValue(body, limits);
  if (IsPurlList(body)) return ReadPurls(body, limits);
  return Unknown(body);
}

}  // namespace holdfast::sbom
