#pragma once
#include "crm/connector.hpp"
#include "tenancy/directory.hpp"

namespace aftercall::control {

// What becomes of a connection once the CRM has said who we are there, or has refused to. Nothing when the
// answer says nothing about the connection (the CRM was away): it stays as it is.
Result<Connection> connected(const Connection& before, const Result<crm::Description>& described,
                             const tenancy::Directory& directory, Instant now);

// The same after a refused sign-in: Reconnect needed or Setup incomplete, with the reason.
Connection refused(const Connection& before, const Failure& why, Instant now);

// Whether what was found out about `before` is true of the connection as it is now: nobody has given it
// another address or other settings, or disconnected it, meanwhile.
bool still_stands(const Connection& before, const Connection& current);

Connection disconnected(const Connection& before, Instant now);

}  // namespace aftercall::control
