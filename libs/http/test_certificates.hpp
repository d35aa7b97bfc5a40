#pragma once
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

// For tests: an authority of our own and certificates that it signs, as PEM files in a folder that goes with
// it.
namespace aftercall::http {

class Authority {
 public:
  Authority() : key_(new_key()), certificate_(X509_new(), X509_free) {
    folder_ = std::filesystem::temp_directory_path() / ("authority_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    fill(certificate_.get(), "Test Authority", key_.get(), 3600);
    extend(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
    write(ca_file(), [&](FILE* file) { PEM_write_X509(file, certificate_.get()); });
  }
  ~Authority() { std::filesystem::remove_all(folder_); }
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  std::string ca_file() const { return (folder_ / "ca.pem").string(); }

  struct Files {
    std::string cert, key;
  };
  // names as in "DNS:localhost,IP:127.0.0.1"
  Files issue(const std::string& names, long seconds_valid = 3600) {
    const auto stem = "cert" + std::to_string(++issued_);
    const Key key = new_key();
    const Certificate certificate(X509_new(), X509_free);
    fill(certificate.get(), "Test", key.get(), seconds_valid);
    extend(certificate.get(), NID_subject_alt_name, names);
    X509_sign(certificate.get(), key_.get(), EVP_sha256());
    const Files files{(folder_ / (stem + ".pem")).string(), (folder_ / (stem + ".key")).string()};
    write(files.cert, [&](FILE* file) { PEM_write_X509(file, certificate.get()); });
    write(files.key,
          [&](FILE* file) { PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
    return files;
  }

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

  static Key new_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

  void fill(X509* certificate, const char* subject, EVP_PKEY* key, long seconds_valid) {
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate), seconds_valid);
    X509_set_pubkey(certificate, key);
    const auto* bytes = reinterpret_cast<const unsigned char*>(subject);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, bytes, -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate_.get()));
  }
  void extend(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate_.get(), certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    if (extension == nullptr) throw std::runtime_error("no extension " + value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  template <class Write>
  static void write(const std::string& path, Write write_it) {
    FILE* file = std::fopen(path.c_str(), "w");
    if (file == nullptr) throw std::runtime_error("cannot write " + path);
    write_it(file);
    std::fclose(file);
  }

  std::filesystem::path folder_;
  Key key_;
  Certificate certificate_;
  long serial_ = 0;
  int issued_ = 0;
};

}  // namespace aftercall::http
