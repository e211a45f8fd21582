#include "advisory/builtin/builtin.h"

#include "advisory/almalinux/almalinux.h"
#include "advisory/amazon/amazon.h"
#include "advisory/arch/arch.h"
#include "advisory/azurelinux/azurelinux.h"
#include "advisory/cvelist/cvelist.h"
#include "advisory/debian/debian.h"
#include "advisory/echo/echo.h"
#include "advisory/endoflife/endoflife.h"
#include "advisory/epss/epss.h"
#include "advisory/fedora/fedora.h"
#include "advisory/gentoo/gentoo.h"
#include "advisory/grype/grype.h"
#include "advisory/kev/kev.h"
#include "advisory/microsoft/microsoft.h"
#include "advisory/nvd/nvd.h"
#include "advisory/oracle/oracle.h"
#include "advisory/osv/osv.h"
#include "advisory/photon/photon.h"
#include "advisory/php/php.h"
#include "advisory/redhat/redhat.h"
#include "advisory/rocky/rocky.h"
#include "advisory/rubysec/rubysec.h"
#include "advisory/rustsec/rustsec.h"
#include "advisory/secdb/secdb.h"
#include "advisory/suse/suse.h"
#include "advisory/ubuntu/ubuntu.h"

namespace holdfast::advisory {

Providers BuiltinProviders() {
  Providers providers;
  providers.push_back(MakeUbuntuProvider());  // before OSV, which is one of its forms
  providers.push_back(MakeOsvProvider());
  providers.push_back(MakeSecdbProvider());
  providers.push_back(MakeDebianProvider());
  providers.push_back(MakeAzureLinuxProvider());
  providers.push_back(MakeOracleProvider());
  providers.push_back(MakeRustsecProvider());
  providers.push_back(MakeRubysecProvider());
  providers.push_back(MakePhpProvider());
  providers.push_back(MakeSuseProvider());
  providers.push_back(MakeRedHatProvider());
  providers.push_back(MakeFedoraProvider());
  providers.push_back(MakeRockyProvider());
  providers.push_back(MakeAlmaLinuxProvider());
  providers.push_back(MakeGentooProvider());
  providers.push_back(MakeMicrosoftProvider());
  providers.push_back(MakeEchoProvider());
  providers.push_back(MakeAmazonProvider());
  providers.push_back(MakePhotonProvider());
  providers.push_back(MakeArchProvider());
  providers.push_back(MakeGrypeProvider());
  providers.push_back(MakeEpssProvider());
  providers.push_back(MakeKevProvider());
  providers.push_back(MakeEndOfLifeProvider());
  providers.push_back(MakeCveListProvider());
  providers.push_back(MakeNvdProvider());
  return providers;
}

}  // namespace holdfast::advisory
