//! An error as each of the services writes it.

use super::journal::Service;
use super::xml::Xml;

#[derive(Debug, Clone)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
}

impl ApiError {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    /// A client error: status 400.
    pub(super) fn client(code: &str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    pub(super) fn missing(parameter: &str) -> Self {
        Self::client("MissingParameter", format!("The request must contain the parameter {parameter}"))
    }

    pub(super) fn invalid_value(message: impl Into<String>) -> Self {
        Self::client("InvalidParameterValue", message)
    }

    pub(super) fn throttled(service: Service) -> Self {
        match service {
            Service::Ec2 => Self::new(503, "RequestLimitExceeded", "Request limit exceeded."),
            Service::AutoScaling | Service::LoadBalancing => Self::client("Throttling", "Rate exceeded"),
            Service::Ssm => Self::client("ThrottlingException", "Rate exceeded"),
        }
    }

    pub(super) fn denied(service: Service, action: &str) -> Self {
        let message = format!("User is not authorized to perform: {}:{action}", service.prefix());
        match service {
            Service::Ec2 => Self::new(
                403,
                "UnauthorizedOperation",
                format!("You are not authorized to perform this operation. {message}"),
            ),
            Service::AutoScaling | Service::LoadBalancing => Self::new(403, "AccessDenied", message),
            Service::Ssm => Self::client("AccessDeniedException", message),
        }
    }

    pub(super) fn body(&self, service: Service, request_id: &str) -> String {
        let mut xml = Xml::document();
        match service {
            Service::Ec2 => xml.within("Response", |xml| {
                xml.within("Errors", |xml| xml.within("Error", |xml| self.write(xml)));
                xml.text("RequestID", request_id);
            }),
            Service::AutoScaling | Service::LoadBalancing => xml.root("ErrorResponse", service.namespace(), |xml| {
                xml.within("Error", |xml| {
                    xml.text("Type", if self.status < 500 { "Sender" } else { "Receiver" });
                    self.write(xml);
                });
                xml.text("RequestId", request_id);
            }),
            Service::Ssm => return serde_json::json!({ "__type": self.code, "message": self.message }).to_string(),
        }
        xml.finish()
    }

    fn write(&self, xml: &mut Xml) {
        xml.text("Code", &self.code);
        xml.text("Message", &self.message);
    }
}
