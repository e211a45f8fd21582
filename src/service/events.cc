#include "service/events.h"

#include "crypto/random.h"

namespace holdfast::service {

store::Event MakeEvent(const Platform& platform, const NewEvent& event) {
  return {.account_id = event.account_id,
          .uuid = crypto::Uuid4(),
          .created_at = platform.Now(),
          .type = event.type,
          .level = event.level,
          .source_service = event.source,
          .source_host = platform.host_id,
          .source_url = platform.base_url,
          .resource_type = event.resource_type,
          .resource_id = event.resource_id,
          .message = event.message,
          .details = event.details};
}

Result<void> RaiseEvent(const Platform& platform, store::Session& session, const NewEvent& event) {
  return store::InsertEvent(session, MakeEvent(platform, event));
}

}  // namespace holdfast::service
