#include "advisory/builtin/builtin.h"

#include "advisory/osv/osv.h"
#include "advisory/redhat/redhat.h"
#include "advisory/secdb/secdb.h"

namespace holdfast::advisory {

Providers BuiltinProviders() {
  Providers providers;
  providers.push_back(MakeOsvProvider());
  providers.push_back(MakeSecdbProvider());
  providers.push_back(MakeRedHatProvider());
  return providers;
}

}  // namespace holdfast::advisory
