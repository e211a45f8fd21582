// SQLSTATE codes, Appendix A of the PostgreSQL 15 manual. The first two characters are a class.

#include "store/postgres/failure.h"

#include <algorithm>
#include <array>

#include "base/format.h"

namespace holdfast::store::postgres {
namespace {

// The primary message of some codes quotes a value; of these only the code is repeated.
enum class Quote : std::uint8_t { kMessage, kCode };

struct Rule {
  std::string_view prefix;  // the first rule whose prefix fits decides
  ErrorKind kind;
  Recovery recovery;
  Quote quote;
};

constexpr std::array kRules = {
    Rule{"08P01", ErrorKind::kInternal, Recovery::kNone, Quote::kMessage},  // a wrong number of parameters
    Rule{"08", ErrorKind::kUnavailable, Recovery::kServerGone, Quote::kMessage},
    Rule{"22001", ErrorKind::kInvalidInput, Recovery::kNone, Quote::kCode},  // too long
    Rule{"22003", ErrorKind::kInvalidInput, Recovery::kNone, Quote::kCode},  // out of range
    Rule{"22021", ErrorKind::kInvalidInput, Recovery::kNone, Quote::kCode},  // not UTF-8
    Rule{"22P05", ErrorKind::kInvalidInput, Recovery::kNone, Quote::kCode},  // no such character
    Rule{"22", ErrorKind::kInternal, Recovery::kNone, Quote::kCode},
    Rule{"23503", ErrorKind::kConflict, Recovery::kNone, Quote::kMessage},  // foreign key
    Rule{"23505", ErrorKind::kConflict, Recovery::kNone, Quote::kMessage},  // unique
    Rule{"23P01", ErrorKind::kConflict, Recovery::kNone, Quote::kMessage},  // exclusion
    Rule{"23", ErrorKind::kInternal, Recovery::kNone, Quote::kMessage},
    Rule{"25P03", ErrorKind::kUnavailable, Recovery::kNone, Quote::kMessage},     // idle in a transaction for too long
    Rule{"26000", ErrorKind::kUnavailable, Recovery::kReplace, Quote::kMessage},  // our prepared statement was dropped
    Rule{"28", ErrorKind::kDenied, Recovery::kNone, Quote::kMessage},
    Rule{"3D000", ErrorKind::kNotFound, Recovery::kNone, Quote::kMessage},
    Rule{"40001", ErrorKind::kUnavailable, Recovery::kAgain, Quote::kMessage},  // serialisation
    Rule{"40P01", ErrorKind::kUnavailable, Recovery::kAgain, Quote::kMessage},  // deadlock
    Rule{"42501", ErrorKind::kDenied, Recovery::kNone, Quote::kMessage},
    Rule{"53300", ErrorKind::kUnavailable, Recovery::kReplace, Quote::kMessage},  // too many connections
    Rule{"53", ErrorKind::kUnavailable, Recovery::kNone, Quote::kMessage},
    Rule{"54", ErrorKind::kLimit, Recovery::kNone, Quote::kMessage},
    Rule{"55P03", ErrorKind::kUnavailable, Recovery::kNone, Quote::kMessage},      // a lock
    Rule{"57014", ErrorKind::kUnavailable, Recovery::kNone, Quote::kMessage},      // cancelled: statement_timeout
    Rule{"57P04", ErrorKind::kNotFound, Recovery::kNone, Quote::kMessage},         // the database was dropped
    Rule{"57P", ErrorKind::kUnavailable, Recovery::kServerGone, Quote::kMessage},  // shutting down, starting
    Rule{"58", ErrorKind::kUnavailable, Recovery::kNone, Quote::kMessage},         // its disk
    Rule{"XX001", ErrorKind::kCorrupt, Recovery::kNone, Quote::kMessage},
    Rule{"XX002", ErrorKind::kCorrupt, Recovery::kNone, Quote::kMessage},
    Rule{"42", ErrorKind::kInternal, Recovery::kNone, Quote::kMessage},
    Rule{"", ErrorKind::kInternal, Recovery::kNone, Quote::kCode},
};

std::string Sentence(const Rule& rule, const ServerMessage& message) {
  if (!message.constraint.empty()) return Format("violates {} ({})", message.constraint, message.sqlstate);
  if (rule.quote == Quote::kCode) return Format("SQLSTATE {}", message.sqlstate);
  return Format("{} ({})", message.primary, message.sqlstate);
}

}  // namespace

Failure MakeFailure(std::string_view statement, const ServerMessage& message, bool writing) {
  const auto fail = [&](ErrorKind kind, std::string_view sentence, Recovery recovery) {
    return Failure{Error(kind, Format("{}: {}", statement, sentence)), recovery};
  };
  if (message.sqlstate.empty())
    return fail(ErrorKind::kUnavailable, "the connection to the database was lost", Recovery::kServerGone);
  // A table changed under a prepared SELECT *: it must be prepared again.
  if (message.sqlstate == "0A000" && message.function == "RevalidateCachedQuery")
    return fail(ErrorKind::kUnavailable, "a table was changed meanwhile", Recovery::kReplace);
  // A writer that is told that it may not write talks to a server that another one has taken over from.
  if (message.sqlstate == "25006" && writing)
    return fail(ErrorKind::kUnavailable, "the server does not take writes", Recovery::kServerGone);
  const auto rule =
      std::ranges::find_if(kRules, [&](const Rule& each) { return message.sqlstate.starts_with(each.prefix); });
  return fail(rule->kind, Sentence(*rule, message), rule->recovery);
}

}  // namespace holdfast::store::postgres
