#include "model/license.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

namespace holdfast::model {
namespace {

#include "model/spdx_license_ids.inc"

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string LowerText(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
  return lower;
}

bool LessIgnoringCase(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return Lower(x) < Lower(y); });
}

std::string_view FindIn(std::span<const std::string_view> sorted, std::string_view text) {
  const auto found = std::lower_bound(sorted.begin(), sorted.end(), text, &LessIgnoringCase);
  return found != sorted.end() && !LessIgnoringCase(text, *found) ? *found : std::string_view();
}

struct Alias {
  std::string_view name;  // lower case
  std::string_view id;
};
// Whole texts and single words, as found in the wild. Sorted by name.
constexpr std::array kAliases = {
    Alias{"agpl-3", "AGPL-3.0-only"},
    Alias{"agpl-3+", "AGPL-3.0-or-later"},
    Alias{"agplv3", "AGPL-3.0-only"},
    Alias{"apache 2", "Apache-2.0"},
    Alias{"apache 2.0", "Apache-2.0"},
    Alias{"apache license 2.0", "Apache-2.0"},
    Alias{"apache license, version 2.0", "Apache-2.0"},
    Alias{"apache license version 2.0", "Apache-2.0"},
    Alias{"apache software license", "Apache-2.0"},
    Alias{"apache software license 2.0", "Apache-2.0"},
    Alias{"apache-2", "Apache-2.0"},
    Alias{"apache2", "Apache-2.0"},
    Alias{"apache2.0", "Apache-2.0"},
    Alias{"artistic", "Artistic-1.0-Perl"},
    Alias{"artistic-2", "Artistic-2.0"},
    Alias{"asl 2.0", "Apache-2.0"},
    Alias{"boost", "BSL-1.0"},
    Alias{"bsd 2-clause", "BSD-2-Clause"},
    Alias{"bsd 3-clause", "BSD-3-Clause"},
    Alias{"bsd 3-clause license", "BSD-3-Clause"},
    Alias{"bsd-2", "BSD-2-Clause"},
    Alias{"bsd-2-clauses", "BSD-2-Clause"},
    Alias{"bsd-3", "BSD-3-Clause"},
    Alias{"bsd-3-clauses", "BSD-3-Clause"},
    Alias{"bsd-4", "BSD-4-Clause"},
    Alias{"cc0", "CC0-1.0"},
    Alias{"eclipse public license 1.0", "EPL-1.0"},
    Alias{"eclipse public license 2.0", "EPL-2.0"},
    Alias{"expat", "MIT"},
    Alias{"gfdl-1.2", "GFDL-1.2-only"},
    Alias{"gfdl-1.2+", "GFDL-1.2-or-later"},
    Alias{"gfdl-1.3", "GFDL-1.3-only"},
    Alias{"gfdl-1.3+", "GFDL-1.3-or-later"},
    Alias{"gpl-1", "GPL-1.0-only"},
    Alias{"gpl-1+", "GPL-1.0-or-later"},
    Alias{"gpl-1.0+", "GPL-1.0-or-later"},
    Alias{"gpl-2", "GPL-2.0-only"},
    Alias{"gpl-2+", "GPL-2.0-or-later"},
    Alias{"gpl-2.0+", "GPL-2.0-or-later"},
    Alias{"gpl-3", "GPL-3.0-only"},
    Alias{"gpl-3+", "GPL-3.0-or-later"},
    Alias{"gpl-3.0+", "GPL-3.0-or-later"},
    Alias{"gpl+", "GPL-1.0-or-later"},
    Alias{"gplv2", "GPL-2.0-only"},
    Alias{"gplv2+", "GPL-2.0-or-later"},
    Alias{"gplv3", "GPL-3.0-only"},
    Alias{"gplv3+", "GPL-3.0-or-later"},
    Alias{"isc license", "ISC"},
    Alias{"isc license (iscl)", "ISC"},
    Alias{"lgpl-2", "LGPL-2.0-only"},
    Alias{"lgpl-2+", "LGPL-2.0-or-later"},
    Alias{"lgpl-2.0+", "LGPL-2.0-or-later"},
    Alias{"lgpl-2.1", "LGPL-2.1-only"},
    Alias{"lgpl-2.1+", "LGPL-2.1-or-later"},
    Alias{"lgpl-3", "LGPL-3.0-only"},
    Alias{"lgpl-3+", "LGPL-3.0-or-later"},
    Alias{"lgpl-3.0+", "LGPL-3.0-or-later"},
    Alias{"lgplv2", "LGPL-2.0-only"},
    Alias{"lgplv2+", "LGPL-2.0-or-later"},
    Alias{"lgplv2.1", "LGPL-2.1-only"},
    Alias{"lgplv2.1+", "LGPL-2.1-or-later"},
    Alias{"lgplv3", "LGPL-3.0-only"},
    Alias{"lgplv3+", "LGPL-3.0-or-later"},
    Alias{"mit license", "MIT"},
    Alias{"mplv1.1", "MPL-1.1"},
    Alias{"mplv2.0", "MPL-2.0"},
    Alias{"mozilla public license 2.0 (mpl 2.0)", "MPL-2.0"},
    Alias{"new bsd license", "BSD-3-Clause"},
    Alias{"psf", "PSF-2.0"},
    Alias{"python software foundation license", "PSF-2.0"},
    Alias{"simplified bsd license", "BSD-2-Clause"},
    Alias{"the apache license, version 2.0", "Apache-2.0"},
    Alias{"the apache software license, version 2.0", "Apache-2.0"},
    Alias{"the mit license", "MIT"},
    Alias{"the mit license (mit)", "MIT"},
    Alias{"the unlicense", "Unlicense"},
    Alias{"zlib/libpng", "Zlib"},
    Alias{"zpl", "ZPL-2.1"},
    Alias{"zplv2.1", "ZPL-2.1"},
};

std::string_view FindAlias(std::string_view text) {
  const std::string lower = LowerText(text);
  const auto found =
      std::find_if(kAliases.begin(), kAliases.end(), [&](const Alias& alias) { return alias.name == lower; });
  return found == kAliases.end() ? std::string_view() : found->id;
}

// A word of an expression as SPDX spells it; empty when it is unknown.
std::string CanonicalId(std::string_view word) {
  if (const auto id = FindIn(kSpdxLicenses, word); !id.empty()) return std::string(id);
  if (const auto id = FindAlias(word); !id.empty()) return std::string(id);
  if (word.ends_with('+'))
    if (const auto id = FindIn(kSpdxLicenses, word.substr(0, word.size() - 1)); !id.empty())
      return std::string(id) + "+";
  const auto is_reference_char = [](char c) {
    return (Lower(c) >= 'a' && Lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  if (word.starts_with("LicenseRef-") && word.size() > 11 && std::all_of(word.begin(), word.end(), is_reference_char))
    return std::string(word);
  return {};
}

std::vector<std::string_view> Tokens(std::string_view text) {
  std::vector<std::string_view> tokens;
  while (!text.empty()) {
    if (text.front() == ' ' || text.front() == '\t' || text.front() == '\n' || text.front() == '\r') {
      text.remove_prefix(1);
      continue;
    }
    const std::size_t size =
        text.front() == '(' || text.front() == ')' ? 1 : std::min(text.find_first_of(" \t\r\n()"), text.size());
    tokens.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return tokens;
}

// Checks the grammar with two states (a licence is wanted, or an operator), and writes canonical text.
std::optional<std::string> ParseExpression(std::string_view text) {
  std::string out;
  bool want_license = true;
  int depth = 0;
  const auto append = [&](std::string_view word) {
    if (!out.empty() && !out.ends_with('(') && word != ")") out.push_back(' ');
    out.append(word);
  };
  const std::vector<std::string_view> tokens = Tokens(text);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string lower = LowerText(tokens[i]);
    if (tokens[i] == "(" && want_license) {
      ++depth;
      append("(");
    } else if (tokens[i] == ")" && !want_license && depth > 0) {
      --depth;
      append(")");
    } else if (!want_license && (lower == "and" || lower == "or")) {
      append(lower == "and" ? "AND" : "OR");
      want_license = true;
    } else if (!want_license && lower == "with" && i + 1 < tokens.size()) {
      const std::string_view exception = FindIn(kSpdxExceptions, tokens[++i]);
      if (exception.empty()) return std::nullopt;
      append("WITH");
      append(exception);
    } else if (want_license) {
      const std::string id = CanonicalId(tokens[i]);
      if (id.empty()) return std::nullopt;
      append(id);
      want_license = false;
    } else {
      return std::nullopt;
    }
  }
  if (want_license || depth != 0) return std::nullopt;
  return out;
}

// Nobody writes longer expressions; a whole licence text is none.
constexpr std::size_t kExpressionSizeMax = 4096;

}  // namespace

License NormaliseLicense(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  License license{std::string(text), {}};
  if (text.size() > kExpressionSizeMax) return license;
  if (const auto alias = FindAlias(text); !alias.empty())
    license.spdx_expression = alias;
  else
    license.spdx_expression = ParseExpression(text).value_or("");
  return license;
}

bool IsSpdxLicenseId(std::string_view text) { return !text.empty() && FindIn(kSpdxLicenses, text) == text; }

}  // namespace holdfast::model
