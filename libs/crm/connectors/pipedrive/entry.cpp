#include "address.hpp"
#include "connector.hpp"
#include "sign_in.hpp"

namespace aftercall::crm::pipedrive {

extern const Entry entry;  // or const would keep it to this file
const Entry entry{canonical_url, check_settings, token_request, read_token, make};

}  // namespace aftercall::crm::pipedrive
