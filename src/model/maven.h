// Maven coordinates of archives that do not state them. A wrong group id silently matches nothing, so all that
// reads archives guesses by the same rules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::model {

// What is known of an archive; empty where it is not.
struct MavenHints {
  std::string_view artifact;
  // Attributes of the manifest, without unfilled templates ("${project.groupId}").
  std::string_view group_id;       // "Group-Id", else "Implementation-Vendor-Id"
  std::string_view symbolic_name;  // "Bundle-SymbolicName", without directives
  std::string_view module_name;    // "Automatic-Module-Name"
};

// The most plausible group id, or nothing.
[[nodiscard]] std::string GuessMavenGroup(const MavenHints& hints);

// The names under which advisories may know the artifact: "group:artifact", and "artifact:artifact", since before group
// ids were a habit, artifacts had themselves as group ("commons-io:commons-io").
[[nodiscard]] std::vector<std::string> MavenAdvisoryNames(std::string_view group, std::string_view artifact);

}  // namespace holdfast::model
