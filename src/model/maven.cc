#include "model/maven.h"

#include <array>

namespace holdfast::model {
namespace {

// Groups of well-known artifacts that were built without Maven's files, by the beginning of their name. What a
// manifest lets one guess is wrong for these.
struct KnownGroup {
  std::string_view artifact, group;
  bool prefix = false;
};
constexpr std::array kKnownGroups = {
    KnownGroup{"ant", "org.apache.ant"},
    KnownGroup{"ant-launcher", "org.apache.ant"},
    KnownGroup{"antlr", "antlr"},
    KnownGroup{"asm", "org.ow2.asm"},
    KnownGroup{"cglib", "cglib"},
    KnownGroup{"dom4j", "dom4j"},
    KnownGroup{"groovy", "org.codehaus.groovy", true},
    KnownGroup{"hamcrest", "org.hamcrest", true},
    KnownGroup{"hsqldb", "org.hsqldb"},
    KnownGroup{"jackson-core-asl", "org.codehaus.jackson"},
    KnownGroup{"jackson-jaxrs", "org.codehaus.jackson"},
    KnownGroup{"jackson-mapper-asl", "org.codehaus.jackson"},
    KnownGroup{"javassist", "org.javassist"},
    KnownGroup{"jdom", "org.jdom"},
    KnownGroup{"jsch", "com.jcraft"},
    KnownGroup{"mysql-connector-java", "mysql"},
    KnownGroup{"mysql-connector-j", "com.mysql"},
    KnownGroup{"ojdbc", "com.oracle.database.jdbc", true},
    KnownGroup{"spring-boot", "org.springframework.boot", true},
    KnownGroup{"spring-security", "org.springframework.security", true},
    KnownGroup{"spring-", "org.springframework", true},
    KnownGroup{"tomcat-embed-", "org.apache.tomcat.embed", true},
    KnownGroup{"tomcat-", "org.apache.tomcat", true},
    KnownGroup{"velocity", "org.apache.velocity"},
    KnownGroup{"xalan", "xalan"},
    KnownGroup{"xercesImpl", "xerces"},
    KnownGroup{"xstream", "com.thoughtworks.xstream"},
};

std::string_view FindKnownGroup(std::string_view artifact) {
  for (const KnownGroup& known : kKnownGroups)
    if (known.prefix ? artifact.starts_with(known.artifact) : artifact == known.artifact) return known.group;
  return {};
}

}  // namespace

std::string GuessMavenGroup(const MavenHints& hints) {
  std::string group(FindKnownGroup(hints.artifact));
  if (group.empty()) group = hints.group_id;
  if (group.empty() && hints.symbolic_name.find('.') != std::string_view::npos) {
    group = hints.symbolic_name;
    if (group.ends_with("." + std::string(hints.artifact))) group.resize(group.size() - hints.artifact.size() - 1);
  }
  if (group.empty() && hints.module_name.find('.') != std::string_view::npos)
    group = hints.module_name.substr(0, hints.module_name.rfind('.'));
  // A vendor id may be a company's name: group ids have no blanks.
  if (group.find(' ') != std::string::npos) group.clear();
  return group;
}

std::vector<std::string> MavenAdvisoryNames(std::string_view group, std::string_view artifact) {
  const std::string name(artifact);
  std::vector<std::string> names;
  if (!group.empty()) names.push_back(std::string(group) + ":" + name);
  names.push_back(name + ":" + name);
  return names;
}

}  // namespace holdfast::model
