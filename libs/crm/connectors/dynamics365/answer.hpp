#pragma once
#include <optional>
#include <string>
#include <vector>

#include "crm/put.hpp"
#include "crm/question.hpp"
#include "domain/failure.hpp"
#include "http/message.hpp"
#include "request.hpp"

// What the Web API's answers mean: pure, and every byte of them hostile.
namespace aftercall::crm::dynamics365 {

// Of `contacts`, as it stands in the answer; `appointments` give plain records.
struct ContactRow {
  std::string id, name, email, mobile, phone;
  bool active = false;
  Instant created_on{};
  std::optional<CrmRecord> account;
};
struct Page {
  std::vector<ContactRow> contacts;
  std::vector<CrmRecord> appointments;
  std::string next;  // link to the rest; empty at the end
};
Result<Page> read_page(const Question& question, const http::Response& answer, const std::string& base);

// Which of the rows answer the question: the CRM's comparison is looser than ours, and a phone's pattern
// finds candidates only.
Answer judge(const Question& question, const Page& found, const std::string& base);

// A put's answer. Nothing when it is a contact that exists under our key: then it must be read before it is
// taken for the person's (adopt).
Result<std::optional<Written>> read_written(const Put& put, const http::Response& answer,
                                            const std::string& base);
Result<Written> adopt(const Put& put, const http::Response& contact, const std::string& base);
Result<std::optional<Written>> read_recalled(const Put& lost, const http::Response& answer,
                                             const std::string& base);

}  // namespace aftercall::crm::dynamics365
