#include "catalog/java/known_groups.h"

#include <array>
#include <charconv>

namespace holdfast::catalog {
namespace {

struct KnownGroup {
  std::string_view artifact, group;
  bool prefix = false;
  int major_min = 0;
};

// The first that fits decides: whole names, then beginnings, longer ones first.
constexpr std::array kKnownGroups = {
    KnownGroup{"activation", "javax.activation"},
    KnownGroup{"ant", "org.apache.ant"},
    KnownGroup{"antlr", "antlr"},
    KnownGroup{"aopalliance", "aopalliance"},
    KnownGroup{"archaius-core", "com.netflix.archaius"},
    KnownGroup{"asm", "org.ow2.asm"},
    KnownGroup{"caffeine", "com.github.ben-manes.caffeine"},
    KnownGroup{"cglib", "cglib"},
    KnownGroup{"checker-qual", "org.checkerframework"},
    KnownGroup{"dagger", "com.google.dagger"},
    KnownGroup{"dom4j", "org.dom4j", false, 2},
    KnownGroup{"dom4j", "dom4j"},
    KnownGroup{"gax", "com.google.api"},
    KnownGroup{"graal-sdk", "org.graalvm.sdk"},
    KnownGroup{"graphql-java", "com.graphql-java"},
    KnownGroup{"hibernate-commons-annotations", "org.hibernate.common"},
    KnownGroup{"hsqldb", "org.hsqldb"},
    KnownGroup{"icu4j", "com.ibm.icu"},
    KnownGroup{"ivy", "org.apache.ivy"},
    KnownGroup{"jackson-core-asl", "org.codehaus.jackson"},
    KnownGroup{"jackson-jaxrs", "org.codehaus.jackson"},
    KnownGroup{"jackson-mapper-asl", "org.codehaus.jackson"},
    KnownGroup{"jackson-xc", "org.codehaus.jackson"},
    KnownGroup{"java-dataloader", "com.graphql-java"},
    KnownGroup{"java-jwt", "com.auth0"},
    KnownGroup{"javassist", "org.javassist"},
    KnownGroup{"javax.inject", "javax.inject"},
    KnownGroup{"jaxb-impl", "com.sun.xml.bind"},
    KnownGroup{"jcip-annotations", "net.jcip"},
    KnownGroup{"jcommander", "com.beust"},
    KnownGroup{"jdom", "org.jdom"},
    KnownGroup{"jdom2", "org.jdom"},
    KnownGroup{"jna", "net.java.dev.jna"},
    KnownGroup{"jsch", "com.jcraft"},
    KnownGroup{"json-path", "com.jayway.jsonpath"},
    KnownGroup{"jsp-api", "javax.servlet.jsp"},
    KnownGroup{"junrar", "com.github.junrar"},
    KnownGroup{"mysql-connector-j", "com.mysql"},
    KnownGroup{"mysql-connector-java", "mysql"},
    KnownGroup{"okhttp", "com.squareup.okhttp3", false, 3},
    KnownGroup{"okhttp", "com.squareup.okhttp"},
    KnownGroup{"okio", "com.squareup.okio"},
    KnownGroup{"oro", "oro"},
    KnownGroup{"parso", "com.epam"},
    KnownGroup{"poi", "org.apache.poi"},
    KnownGroup{"reactive-streams", "org.reactivestreams"},
    KnownGroup{"retrofit", "com.squareup.retrofit2", false, 2},
    KnownGroup{"RoaringBitmap", "org.roaringbitmap"},
    KnownGroup{"rocksdbjni", "org.rocksdb"},
    KnownGroup{"sentry", "io.sentry"},
    KnownGroup{"serializer", "xalan"},
    KnownGroup{"servlet-api", "javax.servlet"},
    KnownGroup{"spring-amqp", "org.springframework.amqp"},
    KnownGroup{"tagsoup", "org.ccil.cowan.tagsoup"},
    KnownGroup{"thymeleaf", "org.thymeleaf"},
    KnownGroup{"tink", "com.google.crypto.tink"},
    KnownGroup{"velocity", "org.apache.velocity"},
    KnownGroup{"xalan", "xalan"},
    KnownGroup{"xercesImpl", "xerces"},
    KnownGroup{"xml-apis", "xml-apis"},
    KnownGroup{"xmlbeans", "org.apache.xmlbeans"},
    KnownGroup{"xmlpull", "xmlpull"},
    KnownGroup{"xstream", "com.thoughtworks.xstream"},
    KnownGroup{"spring-statemachine-", "org.springframework.statemachine", true},
    KnownGroup{"elasticsearch-rest-", "org.elasticsearch.client", true},
    KnownGroup{"spring-integration-", "org.springframework.integration", true},
    KnownGroup{"opentelemetry-api", "io.opentelemetry", true},
    KnownGroup{"opentelemetry-sdk", "io.opentelemetry", true},
    KnownGroup{"opensearch-rest-", "org.opensearch.client", true},
    KnownGroup{"mongodb-driver-", "org.mongodb", true},
    KnownGroup{"spring-security", "org.springframework.security", true},
    KnownGroup{"spring-session-", "org.springframework.session", true},
    KnownGroup{"jetty-jakarta-", "org.eclipse.jetty.toolchain", true},
    KnownGroup{"elasticsearch", "org.elasticsearch", true},
    KnownGroup{"spring-batch-", "org.springframework.batch", true},
    KnownGroup{"spring-rabbit", "org.springframework.amqp", true},
    KnownGroup{"tomcat-embed-", "org.apache.tomcat.embed", true},
    KnownGroup{"spring-kafka", "org.springframework.kafka", true},
    KnownGroup{"spring-ldap-", "org.springframework.ldap", true},
    KnownGroup{"micrometer-", "io.micrometer", true},
    KnownGroup{"opencensus-", "io.opencensus", true},
    KnownGroup{"spring-boot", "org.springframework.boot", true},
    KnownGroup{"liquibase-", "org.liquibase", true},
    KnownGroup{"opensearch", "org.opensearch", true},
    KnownGroup{"scala-xml_", "org.scala-lang.modules", true},
    KnownGroup{"perfmark-", "io.perfmark", true},
    KnownGroup{"exposed-", "org.jetbrains.exposed", true},
    KnownGroup{"hamcrest", "org.hamcrest", true},
    KnownGroup{"kotlinx-", "org.jetbrains.kotlinx", true},
    KnownGroup{"kotlin-", "org.jetbrains.kotlin", true},
    KnownGroup{"lucene-", "org.apache.lucene", true},
    KnownGroup{"spring-", "org.springframework", true},
    KnownGroup{"tomcat-", "org.apache.tomcat", true},
    KnownGroup{"flink-", "org.apache.flink", true},
    KnownGroup{"groovy", "org.apache.groovy", true, 4},
    KnownGroup{"groovy", "org.codehaus.groovy", true},
    KnownGroup{"kafka-", "org.apache.kafka", true},
    KnownGroup{"kafka_", "org.apache.kafka", true},
    KnownGroup{"grpc-", "io.grpc", true},
    KnownGroup{"ktor-", "io.ktor", true},
    KnownGroup{"ojdbc", "com.oracle.database.jdbc", true},
    KnownGroup{"solr-", "org.apache.solr", true},
    KnownGroup{"ant-", "org.apache.ant", true},
    KnownGroup{"asm-", "org.ow2.asm", true},
    KnownGroup{"gax-", "com.google.api", true},
    KnownGroup{"poi-", "org.apache.poi", true},
};

int MajorOf(std::string_view version) {
  int major = 0;
  const auto read = std::from_chars(version.data(), version.data() + version.size(), major);
  return read.ec == std::errc{} ? major : 0;
}

}  // namespace

std::string_view FindKnownGroup(std::string_view artifact, std::string_view version) {
  const int major = MajorOf(version);
  for (const KnownGroup& known : kKnownGroups) {
    const bool fits = known.prefix ? artifact.starts_with(known.artifact) : artifact == known.artifact;
    if (fits && major >= known.major_min) return known.group;
  }
  return {};
}

}  // namespace holdfast::catalog
