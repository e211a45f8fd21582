// Reports of the user's own making: Mustache templates (mustache(5)) over the document that native JSON is.
//
// The names are those of docs/schema/holdfast-1.json, with one difference: a finding's `package` and `ownedBy` are the
// package itself (without its files and attributes), since Mustache has no look-ups. `@first` and `@last` are true in
// the first and the last element of the list that is being gone through.
//
// Tags: {{name}} (quoted for HTML), {{{name}}} and {{&name}} (as it is), {{#name}}…{{/name}}, {{^name}}…{{/name}},
// {{!…}}. Partials and other delimiters are refused: what would be included is not there, and values that came from an
// image must not become templates. Control characters in values are U+FFFD.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "io/byte_source.h"
#include "report/report.h"

namespace holdfast::report {

// The template is the user's, what it is filled with is not.
struct TemplateLimits {
  std::size_t template_bytes_max = 256 * kKiB;
  std::size_t sections_depth_max = 64;
  std::uint64_t document_bytes_max = 512 * kMiB;  // of the native JSON
  std::size_t values_max = 20'000'000;            // of it, that the template names
  std::uint64_t work_bytes_max = 8 * kGiB;        // written, looked up and gone through
  std::uint64_t line_bytes_max = 256 * kMiB;      // of one line of output, which is held in memory
};

class Template {
 public:
  // kInvalidInput for what is no template or uses what is refused, with the place in bytes; kLimit when it is too long
  // or too deep.
  [[nodiscard]] static Result<Template> Parse(std::string_view text, const TemplateLimits& limits = {});

  Template(Template&&) noexcept;
  Template& operator=(Template&&) noexcept;
  ~Template();

  // Findings are there when the report's options say so. kLimit when the document or the output is too large; else the
  // sink's errors. Not for two threads at once.
  [[nodiscard]] Result<void> Render(const Report& report, io::ByteSink& sink) const;

 private:
  struct Parsed;
  explicit Template(std::unique_ptr<Parsed> parsed);
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace holdfast::report
