#pragma once
#include "crm_writer/job.hpp"

// A CRM that makes a second record when asked a second time: what is done about that before anything is put.
namespace aftercall::crm_writer {

// Whether there is anything of that kind: mostly there is not.
bool comes_first(const Plan& plan, const Standing& standing, const SlotHash& hash);

// Looks for what is in doubt and due, and creates the plan's contacts, one after the other, since the records
// that hang on them need their ids. What it found stands in the ledger and in job->told.
asio::awaitable<void> settle_first(JobPtr job);

// Takes what was told into the steps: what is held is not put, nor what hangs on a contact that is not there.
void hold(const Plan& plan, const std::map<std::string, Told>& told, std::vector<Done>& done);

}  // namespace aftercall::crm_writer
