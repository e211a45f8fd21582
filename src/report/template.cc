// The library parses and walks the template; looking names up is ours (TemplateContext), and with it every bound on
// what a template may cost. Only those members of the document become the library's values whose names stand somewhere
// in the template: lists of files, which are most of a document, cost nothing where nobody asks for them.

#include "report/template.h"

#include <kainjow/mustache.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "io/json.h"
#include "io/safe_text.h"
#include "sbom/native_json.h"

namespace holdfast::report {
namespace {

using io::JsonView;
using kainjow::mustache::data;

constexpr std::size_t kFlushBytes = 256 * 1024;
constexpr std::size_t kDocumentDepthMax = 16;  // native JSON has 5
constexpr std::string_view kOpen = "{{";

// Carries an Error through the library.
struct Stopped {
  Error error;
};
[[noreturn]] void Stop(ErrorKind kind, std::string message) { throw Stopped{Error(kind, std::move(message))}; }

class BoundedTextSink final : public io::ByteSink {
 public:
  explicit BoundedTextSink(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}
  Result<void> Write(Bytes bytes) override {
    if (bytes.size() > bytes_max_ - text_.size())
      return Fail(ErrorKind::kLimit, "the result is too large for a template");
    text_.append(AsText(bytes));
    return {};
  }
  [[nodiscard]] const std::string& Text() const { return text_; }

 private:
  std::uint64_t bytes_max_;
  std::string text_;
};

using Names = std::set<std::string, std::less<>>;

struct Tag {
  std::size_t begin = 0, end = 0;  // bytes of the template
  char kind = '\0';                // '#', '^', '/', '!', '>', '=', '&', or '\0' of a name
  std::string_view name;
};

// What a template says, found as the library finds it, so that everything which it would take and we do not is refused
// before it sees the text.
class TagReader {
 public:
  TagReader(std::string_view text, std::size_t depth_max) : text_(text), depth_max_(depth_max) {}

  Result<void> Read() {
    for (std::size_t at = text_.find(kOpen); at != std::string_view::npos; at = text_.find(kOpen, at)) {
      HF_TRY(const Tag tag, ReadTag(at));
      HF_CHECK_OK(Check(tag));
      for (std::string_view rest = tag.name; !rest.empty();) names_.emplace(TakeUntil(rest, '.'));
      Copy(tag);
      at = tag.end;
    }
    if (!open_.empty())
      return Fail(ErrorKind::kInvalidInput,
                  Format("the section {} at byte {} has no end", open_.back().name, open_.back().begin));
    text_without_lines_.append(text_.substr(copied_));
    return {};
  }

  [[nodiscard]] Names TakeNames() { return std::move(names_); }
  // The template without the lines on which nothing but a section's or comment's tag stands (mustache(5): such lines
  // are no part of the output); the library would leave some of them.
  [[nodiscard]] std::string TakeText() { return std::move(text_without_lines_); }

 private:
  [[nodiscard]] Result<Tag> ReadTag(std::size_t at) const {
    const bool triple = text_.substr(at + kOpen.size()).starts_with('{');
    const std::string_view close = triple ? "}}}" : "}}";
    const std::size_t start = at + kOpen.size() + (triple ? 1 : 0);
    const std::size_t end = text_.find(close, start);
    if (end == std::string_view::npos)
      return Fail(ErrorKind::kInvalidInput, Format("the tag at byte {} has no end", at));
    const std::string_view content = Trim(text_.substr(start, end - start));
    Tag tag{.begin = at, .end = end + close.size(), .name = content};
    if (!triple && !content.empty() && std::string_view("#^/!>=&").find(content[0]) != std::string_view::npos) {
      tag.kind = content[0];
      tag.name = Trim(content.substr(1));
    }
    return tag;
  }

  Result<void> Check(const Tag& tag) {
    switch (tag.kind) {
      case '>':
        return Fail(ErrorKind::kInvalidInput, Format("the tag at byte {} is a partial; there are none", tag.begin));
      case '=':
        return Fail(ErrorKind::kInvalidInput,
                    Format("the tag at byte {} sets other delimiters, which cannot be had", tag.begin));
      case '#':
      case '^':
        open_.push_back(tag);
        if (open_.size() <= depth_max_) return {};
        return Fail(ErrorKind::kLimit, Format("more than {} sections in each other at byte {}", depth_max_, tag.begin));
      case '/':
        if (open_.empty() || open_.back().name != tag.name)
          return Fail(ErrorKind::kInvalidInput,
                      Format("the tag at byte {} ends {}, which is not the section that is open", tag.begin, tag.name));
        open_.pop_back();
        return {};
      default: return {};
    }
  }

  void Copy(const Tag& tag) {
    std::size_t begin = tag.begin, end = tag.end;
    const auto is_blank = [&](std::size_t at) { return text_[at] == ' ' || text_[at] == '\t'; };
    while (begin > copied_ && is_blank(begin - 1)) --begin;
    while (end < text_.size() && is_blank(end)) ++end;
    if (end < text_.size() && text_[end] == '\r') ++end;
    const bool starts_line = begin == 0 || text_[begin - 1] == '\n';
    const bool ends_line = end == text_.size() || text_[end] == '\n';
    if (starts_line && ends_line && std::string_view("#^/!").find(tag.kind) != std::string_view::npos) {
      text_without_lines_.append(text_.substr(copied_, begin - copied_));
      text_without_lines_.append(text_.substr(tag.begin, tag.end - tag.begin));
      copied_ = std::min(end + 1, text_.size());
    }
  }

  std::string_view text_;
  std::size_t depth_max_;
  std::size_t copied_ = 0;  // so far into text_without_lines_
  std::vector<Tag> open_;
  Names names_;
  std::string text_without_lines_;
};

std::size_t LongestLine(std::string_view text) {
  std::size_t longest = 0;
  while (!text.empty()) longest = std::max(longest, TakeUntil(text, '\n').size());
  return longest;
}

// The document as the library's values, as far as the template names it.
class DataBuilder {
 public:
  DataBuilder(const JsonView& document, const Names& names, std::size_t values_max)
      : packages_(document["packages"]), names_(names), values_left_(values_max) {}

  data Object(const JsonView& view, bool is_finding = false) {
    data object;
    for (std::size_t i = 0; i < view.Size(); ++i) {
      const std::string_view key = view.KeyAt(i);
      if (!IsNamed(key)) continue;
      const bool is_package = is_finding && (key == "package" || key == "ownedBy");
      object[std::string(key)] = is_package ? PackageOf(view.At(i)) : Value(view.At(i), key == "findings");
    }
    return object;
  }

 private:
  [[nodiscard]] bool IsNamed(std::string_view key) const { return names_.contains(key); }

  data Value(const JsonView& view, bool are_findings = false) {
    if (values_left_-- == 0) Stop(ErrorKind::kLimit, "the template names more of the result than can be held");
    if (view.IsObject()) return Object(view);
    if (view.IsArray()) {
      data list(data::type::list);
      for (const JsonView element : view) list.push_back(are_findings ? Object(element, true) : Value(element));
      return list;
    }
    if (const auto text = view.String()) return {io::SafeText(*text)};
    if (const auto truth = view.Bool()) return {*truth};
    if (const auto number = view.Integer()) return {Format("{}", *number)};
    if (const auto number = view.Double()) return {Format("{}", *number)};
    return {false};
  }

  data PackageOf(const JsonView& index) {
    const JsonView package = packages_.At(static_cast<std::size_t>(index.Integer().value_or(-1)));
    data object;
    for (std::size_t i = 0; i < package.Size(); ++i) {
      const std::string_view key = package.KeyAt(i);
      if (IsNamed(key) && key != "files" && key != "attributes") object[std::string(key)] = Value(package.At(i));
    }
    return object;
  }

  JsonView packages_;
  const Names& names_;
  std::size_t values_left_;
};

// Mustache's stack of contexts: a name is looked for in the innermost one first. Knows for each the list it is an
// element of, for @first and @last.
class TemplateContext final : public kainjow::mustache::basic_context<std::string> {
 public:
  // step_bytes: what one turn of a section adds at most to a line, besides values.
  TemplateContext(const data& root, std::size_t step_bytes, const TemplateLimits& limits)
      : step_bytes_(step_bytes), line_bytes_max_(limits.line_bytes_max), work_left_(limits.work_bytes_max) {
    stack_.push_back({&root, nullptr});
  }

  void push(const data* item) override {
    Gather(step_bytes_);
    stack_.push_back({item, Holds(last_list_, item) ? last_list_ : nullptr});
  }
  void pop() override {
    last_list_ = stack_.back().list;
    stack_.pop_back();
  }
  const data* get(const std::string& name) const override {
    const data* found = Find(name);
    last_list_ = found != nullptr && found->is_list() ? found : nullptr;
    Gather(name.size() + (found != nullptr && found->is_string() ? found->string_value().size() : 0));
    return found;
  }
  // TagReader lets none through.
  const data* get_partial(const std::string&) const override { return nullptr; }

  // The library gives a line away.
  void Written(std::uint64_t bytes) {
    Charge(bytes);
    line_bytes_ = 0;
  }

 private:
  struct Frame {
    const data* item;
    const data* list;  // that the item is an element of; may be null
  };

  void Charge(std::uint64_t bytes) const {
    if (bytes > work_left_) Stop(ErrorKind::kLimit, "the template makes too much of the result");
    work_left_ -= bytes;
  }
  // The library gathers a line before it gives it away.
  void Gather(std::uint64_t bytes) const {
    Charge(bytes);
    line_bytes_ += bytes;
    if (line_bytes_ > line_bytes_max_) Stop(ErrorKind::kLimit, "the template makes too long a line of the result");
  }

  static bool Holds(const data* list, const data* item) {
    if (list == nullptr || list->list_value().empty()) return false;
    const auto& elements = list->list_value();
    return std::greater_equal<>()(item, &elements.front()) && std::less_equal<>()(item, &elements.back());
  }

  const data* Find(const std::string& name) const {
    if (name == ".") return stack_.back().item;
    if (name == "@first" || name == "@last") return Position(name == "@first");
    const std::string first = name.substr(0, name.find('.'));
    for (auto frame = stack_.rbegin(); frame != stack_.rend(); ++frame) {
      const data* found = frame->item->get(first);
      if (found == nullptr) continue;
      for (std::string_view rest = std::string_view(name).substr(std::min(first.size() + 1, name.size()));
           !rest.empty() && found != nullptr;)
        found = found->get(std::string(TakeUntil(rest, '.')));
      return found;
    }
    return nullptr;
  }

  const data* Position(bool first) const {
    for (auto frame = stack_.rbegin(); frame != stack_.rend(); ++frame) {
      if (frame->list == nullptr) continue;
      const auto& elements = frame->list->list_value();
      return frame->item == (first ? &elements.front() : &elements.back()) ? &true_ : &false_;
    }
    return nullptr;
  }

  std::vector<Frame> stack_;
  const data true_{true}, false_{false};
  mutable const data* last_list_ = nullptr;  // what was looked up last, if it is a list
  std::uint64_t step_bytes_, line_bytes_max_;
  mutable std::uint64_t work_left_, line_bytes_ = 0;
};

}  // namespace

struct Template::Parsed {
  Names names;
  std::size_t longest_line;
  kainjow::mustache::mustache mustache;
  TemplateLimits limits;
};

Template::Template(std::unique_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;
Template::~Template() = default;

Result<Template> Template::Parse(std::string_view text, const TemplateLimits& limits) {
  if (text.size() > limits.template_bytes_max)
    return Fail(ErrorKind::kLimit, Format("the template is longer than {} bytes", limits.template_bytes_max));
  TagReader reader(text, limits.sections_depth_max);
  HF_CHECK_OK(reader.Read());
  kainjow::mustache::mustache mustache{reader.TakeText()};
  if (!mustache.is_valid()) return Fail(ErrorKind::kInvalidInput, "not a template: " + mustache.error_message());
  return Template(std::make_unique<Parsed>(reader.TakeNames(), LongestLine(text), std::move(mustache), limits));
}

Result<void> Template::Render(const Report& report, io::ByteSink& sink) const {
  BoundedTextSink text(parsed_->limits.document_bytes_max);
  HF_CHECK_OK(sbom::WriteNativeJson(report.analysis, report.findings, report.options, text));
  HF_TRY(const auto document, io::JsonDocument::Parse(text.Text(), {.bytes_max = parsed_->limits.document_bytes_max,
                                                                    .depth_max = kDocumentDepthMax}));
  std::string page;
  const auto flush = [&](std::size_t least) {
    if (page.size() < least) return;
    if (auto written = sink.WriteText(page); !written) throw Stopped{std::move(written).error()};
    page.clear();
  };
  try {
    const data root = DataBuilder(document.Root(), parsed_->names, parsed_->limits.values_max).Object(document.Root());
    // Between two line ends the library gathers text by itself: each turn of a section adds at most a line of the
    // template.
    TemplateContext context(root, parsed_->longest_line + 1, parsed_->limits);
    struct Page {
      std::function<void(const std::string&)> write;
      Page& operator<<(const std::string& part) {
        write(part);
        return *this;
      }
    } stream{[&](const std::string& part) {
      context.Written(part.size());
      page += part;
      flush(kFlushBytes);
    }};
    parsed_->mustache.render(context, stream);
    flush(0);
  } catch (const Stopped& stopped) {
    return std::unexpected(stopped.error);
  }
  return {};
}

}  // namespace holdfast::report
