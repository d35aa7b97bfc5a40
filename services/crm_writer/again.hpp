#pragma once
#include <vector>

#include "crm_writer/judge.hpp"
#include "domain/capabilities.hpp"

// What is sent a second time within one try: pure.
namespace aftercall::crm_writer {

// A record with our key was there already. That says nothing about what it holds: it gets this plan's
// content. (A contact is adopted as it is: its owners may have changed it.)
bool needs_content(const Plan& plan, const Done& done);
// A field's limit was lowered since the plan was made: cut once more, then it is permanent.
bool needs_cut(const Done& done);

// The step as it is sent again; `can` holds the limits that were read just now.
Step with_content(const Done& done);
Step with_cut(const Done& done, const Capabilities& can);

// A main record whose person is gone is dead, and the same plan would fail again.
void say_what_to_do(const Plan& plan, std::vector<Done>& done);

// A note on a contact that this plan should have created stands or falls with it. NotFound of such a contact
// says that it was created once and that a person took it away since: it and its notes are left out, and that
// is no failure.
void follow_contacts(const Plan& plan, std::vector<Done>& done);

}  // namespace aftercall::crm_writer
