// The request that the calling thread acts for. Whoever takes one up (a handler, a worker with a job that a request has
// made) says so for as long as it does; loggers, events, jobs and calls to other roles take the id from here, so that
// what came of one request can be found everywhere.
//
//   const RequestScope scope(request.request_id);
//
// Scopes nest; the inner one holds. An empty id: nobody in particular. Of the thread, not of those that it starts.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

class RequestScope {
 public:
  explicit RequestScope(std::string request_id);
  ~RequestScope();
  RequestScope(const RequestScope&) = delete;
  RequestScope& operator=(const RequestScope&) = delete;

  // Empty outside of any. The view lives as long as the scope.
  [[nodiscard]] static std::string_view Current();

 private:
  std::string request_id_;
  const RequestScope* outer_;
};

}  // namespace holdfast
