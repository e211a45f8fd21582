#include "cli/completion.h"

#include <algorithm>

#include "base/format.h"
#include "cli/options.h"
#include "cli/version.h"

namespace holdfast::cli {
namespace {

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

std::string Join(const std::vector<std::string>& parts, std::string_view between) {
  std::string joined;
  for (const std::string& part : parts) joined.append(joined.empty() ? "" : between).append(part);
  return joined;
}

// The words that may follow a command: its sub-commands and flags.
std::string WordsAfter(const CommandHelp& command, const std::vector<CommandHelp>& all) {
  std::vector<std::string> words;
  const std::string prefix = command.name.empty() ? "" : command.name + " ";
  for (const CommandHelp& other : all)
    if (!other.name.empty() && other.name.starts_with(prefix) &&
        other.name.find(' ', prefix.size()) == std::string::npos && other.name != command.name)
      words.push_back(other.name.substr(prefix.size()));
  for (const FlagHelp& flag : command.flags)
    for (const std::string& name : Split(flag.names, ',')) words.push_back(name);
  return Join(words, " ");
}

std::string BashScript() {
  const auto commands = DescribeCommands();
  std::string script =
      "# bash completion for holdfast; load it with: source <(holdfast completion bash)\n"
      "_holdfast() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=\n"
      "  COMPREPLY=()\n"
      "  local word\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case $word in -*) ;; *) case \"$command $word\" in\n";
  for (const auto& command : commands)
    if (!command.name.empty())
      script += Format("      \"{}{}\") command='{}' ;;\n", command.name.find(' ') == std::string::npos ? " " : "",
                       command.name, command.name);
  script += "    esac ;; esac\n  done\n  case $previous in\n";
  std::vector<std::string> seen;
  for (const auto& command : commands)
    for (const FlagHelp& flag : command.flags) {
      if (flag.choices.empty() || std::find(seen.begin(), seen.end(), flag.names) != seen.end()) continue;
      seen.push_back(flag.names);
      script += Format("    {}) COMPREPLY=($(compgen -W '{}' -- \"$current\")); return ;;\n",
                       Join(Split(flag.names, ','), "|"), Join(flag.choices, " "));
    }
  script += "  esac\n  local words=\n  case $command in\n";
  for (const auto& command : commands)
    script += Format("    '{}') words='{}' ;;\n", command.name, WordsAfter(command, commands));
  script +=
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "  [[ $current == -* ]] || COMPREPLY+=($(compgen -f -- \"$current\"))\n"
      "}\n"
      "complete -o filenames -F _holdfast holdfast\n";
  return script;
}

// zsh runs the bash script through its own bridge.
std::string ZshScript() {
  return "#compdef holdfast\n# zsh completion for holdfast; load it with: source <(holdfast completion zsh)\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         BashScript();
}

std::string FishEscape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\'' || c == '\\') escaped.push_back('\\');
    escaped.push_back(c);
  }
  return escaped;
}

std::string FishScript() {
  std::string script = "# fish completion for holdfast; load it with: holdfast completion fish | source\n";
  for (const auto& command : DescribeCommands()) {
    const auto words = Split(command.name, ' ');
    std::string condition = words.empty() ? "__fish_use_subcommand" : "__fish_seen_subcommand_from " + words.back();
    if (words.size() == 1)
      script +=
          Format("complete -c holdfast -n __fish_use_subcommand -a {} -d '{}'\n", words[0], FishEscape(command.help));
    if (words.size() == 2)
      script += Format("complete -c holdfast -n '__fish_seen_subcommand_from {}' -a {} -d '{}'\n", words[0], words[1],
                       FishEscape(command.help));
    for (const FlagHelp& flag : command.flags) {
      script += Format("complete -c holdfast -n '{}'", condition);
      for (const std::string& name : Split(flag.names, ','))
        script += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (!flag.argument.empty()) script += flag.choices.empty() ? " -r" : " -xa '" + Join(flag.choices, " ") + "'";
      script += Format(" -d '{}'\n", FishEscape(flag.help));
    }
  }
  return script;
}

std::string RoffEscape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '-' || c == '\\') escaped.push_back('\\');
    escaped.push_back(c);
  }
  if (escaped.starts_with('.') || escaped.starts_with('\'')) escaped.insert(0, "\\&");
  return escaped;
}

constexpr std::string_view kExitStatus =
    ".SH EXIT STATUS\n"
    ".TP\n.B 0\nThe target was read whole; nothing spoke against it.\n"
    ".TP\n.B 1\nA finding is at least as severe as \\-\\-fail\\-on says.\n"
    ".TP\n.B 2\nThe command line makes no sense.\n"
    ".TP\n.B 3\nThe target could not be read.\n"
    ".TP\n.B 4\nThere is a result, but part of the target could not be read; the result says which part.\n"
    ".TP\n.B 5\nThe advisory snapshot is missing or unusable.\n"
    ".TP\n.B 6\nAn output could not be written.\n"
    ".TP\n.B 70\nA bug of holdfast.\n";

constexpr std::string_view kEnvironment =
    ".SH ENVIRONMENT\n"
    ".TP\n.B HOLDFAST_DB\nThe advisory snapshot to use when \\-\\-db is not given.\n"
    ".TP\n.B DOCKER_CONFIG, REGISTRY_AUTH_FILE\nWhere registry credentials are found, as Docker and Podman define "
    "them.\n"
    ".TP\n.B DOCKER_HOST, CONTAINER_HOST\nThe sockets of the Docker and Podman daemons.\n"
    ".TP\n.B HTTP_PROXY, HTTPS_PROXY, NO_PROXY\nProxies for registries.\n"
    ".TP\n.B NO_COLOR\nNo colours unless \\-\\-color says always.\n";

}  // namespace

std::string CompletionScript(std::string_view shell) {
  if (shell == "zsh") return ZshScript();
  if (shell == "fish") return FishScript();
  return BashScript();
}

std::string ManualPage() {
  const auto commands = DescribeCommands();
  std::string page = Format(
      ".TH HOLDFAST 1 \"\" \"holdfast {}\" \"User Commands\"\n.SH NAME\nholdfast \\- analyse container images\n.SH "
      "SYNOPSIS\n",
      kVersion);
  for (const auto& command : commands)
    if (!command.name.empty() && command.name != "db")
      page += Format(".B holdfast {}\n[\\fIOPTION\\fR]... {}\n.br\n", RoffEscape(command.name),
                     RoffEscape(command.argument));
  page += ".SH DESCRIPTION\n" + RoffEscape(commands.front().help) + "\n.SH COMMANDS\n";
  for (const auto& command : commands) {
    if (command.name.empty() || command.name == "db") continue;
    page += Format(".SS holdfast {} {}\n{}.\n", RoffEscape(command.name), RoffEscape(command.argument),
                   RoffEscape(command.help));
    for (const FlagHelp& flag : command.flags)
      page +=
          Format(".TP\n.B {} {}\n{}{}\n", RoffEscape(Join(Split(flag.names, ','), ", ")), RoffEscape(flag.argument),
                 RoffEscape(flag.help), flag.choices.empty() ? "." : RoffEscape(": " + Join(flag.choices, ", ") + "."));
  }
  return page.append(kExitStatus).append(kEnvironment);
}

}  // namespace holdfast::cli
