// Connection: a link with its prepared statements and its transaction. Everything goes through pipeline mode, so that
// BEGIN, and preparing a statement that is new to the connection, cost no round trip of their own.
// Belongs to one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/database.h"
#include "store/postgres/link.h"
#include "store/postgres/values.h"

namespace holdfast::store::postgres {

class Connection {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Connection>> Open(const ConnectionSettings& settings);

  // The transaction begins with its first statement.
  void Begin(Access access);
  [[nodiscard]] Result<Rows> Run(const Statement& statement, const Parameters& parameters);
  // Once for all rows, each parameter an array of what the rows have there.
  [[nodiscard]] Result<Rows> RunSet(const Statement& statement, std::span<const Parameters> rows);
  [[nodiscard]] Result<void> RunScript(std::string_view name, const std::string& sql);
  // An error with kAgain: rolled back for sure. An error while the link is lost: nobody knows.
  [[nodiscard]] Result<void> Commit();
  // Brings the connection back to order; false when it cannot be used any more.
  [[nodiscard]] bool Rollback();

  // Of the first error since Begin.
  [[nodiscard]] Recovery AfterError() const { return recovery_; }
  [[nodiscard]] bool IsLost() const { return link_.IsLost(); }
  [[nodiscard]] bool LooksAlive() const { return link_.LooksAlive(); }
  [[nodiscard]] std::chrono::steady_clock::time_point MadeAt() const { return made_at_; }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  // A statement as the server knows it.
  struct Prepared {
    std::string server_name;
    std::size_t parameters = 0;  // that its text has
    std::vector<Oid> types;      // 0: only NULL was ever given, and the server chose
    bool known = false;          // the server has it
  };
  // One command of a pipeline; takes the result when it is a success.
  struct Step {
    std::function<Result<void>(const PGresult*)> take;
  };

  explicit Connection(Link link) : link_(std::move(link)), made_at_(std::chrono::steady_clock::now()) {}

  // kUnavailable when the connection knows too many already.
  [[nodiscard]] Result<Prepared*> Find(const Statement& statement);
  // Makes the server prepare the statement again when the types are not those that it was prepared with.
  static void Adopt(Prepared& prepared, std::vector<Oid> types);
  [[nodiscard]] bool SendBegin(std::vector<Step>& steps);
  [[nodiscard]] bool SendPrepare(const Statement& statement, Prepared& prepared, std::vector<Step>& steps);
  // Sends the prepared statement and reads what comes back.
  [[nodiscard]] Result<Rows> Execute(const Statement& statement, Prepared& prepared, std::vector<Oid> types,
                                     const EncodedParameters& parameters);
  // kInternal for another number of parameters, or another type than before.
  [[nodiscard]] Result<void> AddTypes(const Statement& statement, std::vector<Oid>& types,
                                      const Parameters& parameters);
  // A mistake of the program, or more than fits.
  [[nodiscard]] std::unexpected<Error> Mistake(const Statement& statement, ErrorKind kind, std::string_view what);
  // Ends the pipeline and reads the results of its steps. The first error is answered after all were read.
  [[nodiscard]] Result<void> Finish(std::string_view name, const std::vector<Step>& steps);
  [[nodiscard]] std::unexpected<Error> Failed(Failure failure);
  [[nodiscard]] std::unexpected<Error> Lost(std::string_view name);

  Link link_;
  std::chrono::steady_clock::time_point made_at_;
  Access access_ = Access::kRead;
  bool begun_ = false;    // BEGIN was sent
  bool patient_ = false;  // statement_timeout is off in this transaction
  Recovery recovery_ = Recovery::kNone;
  std::uint64_t prepared_count_ = 0;                                               // ever; makes their names
  std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>> prepared_;  // by the text before expansion
};

}  // namespace holdfast::store::postgres
