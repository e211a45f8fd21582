// What a gem specification says, without running it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::catalog {

struct Gemspec {
  std::string name;
  std::string version;
  std::string platform;  // empty: "ruby", that is any
  std::string homepage;
  std::string summary;
  std::vector<std::string> authors;
  std::vector<std::string> licenses;
  std::vector<std::string> files;    // relative to the gem's folder
  std::vector<std::string> depends;  // names of runtime dependencies, each once

  friend bool operator==(const Gemspec&, const Gemspec&) = default;
};

// A specification is a Ruby program, but the installed ones are written by RubyGems (Gem::Specification#to_ruby):
// literals only, an assignment a line, with the comment "# stub: NAME VERSION PLATFORM PATHS" near the top, which
// RubyGems itself reads instead of the program. The comment wins over the assignments; what is not a literal
// ("s.version = Foo::VERSION") is absent from the result. Takes any input.
[[nodiscard]] Gemspec ParseGemspec(std::string_view text);

}  // namespace holdfast::catalog
