#include "advisory/builtin/builtin.h"

#include "advisory/azurelinux/azurelinux.h"
#include "advisory/oracle/oracle.h"
#include "advisory/osv/osv.h"
#include "advisory/secdb/secdb.h"
#include "advisory/suse/suse.h"

namespace holdfast::advisory {

Providers BuiltinProviders() {
  Providers providers;
  providers.push_back(MakeOsvProvider());
  providers.push_back(MakeSecdbProvider());
  providers.push_back(MakeAzureLinuxProvider());
  providers.push_back(MakeOracleProvider());
  providers.push_back(MakeSuseProvider());
  return providers;
}

}  // namespace holdfast::advisory
