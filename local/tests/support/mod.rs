//! What the tests of the emulators share.

use std::thread::sleep;
use std::time::{Duration, Instant};

use sunset_local::Stack;

/// The stack with this CloudFormation template deployed, once it shows that it is.
pub fn deployed(stack: &Stack, template: &str, is_there: impl Fn(&Stack) -> bool) -> Stack {
    let scope = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudformation/aws4_request";
    let form =
        [("Action", "CreateStack"), ("Version", "2010-05-15"), ("StackName", "sunset"), ("TemplateBody", template)];
    ureq::post(stack.aws_url())
        .header("authorization", format!("{scope}, SignedHeaders=host, Signature=0"))
        .send_form(form)
        .unwrap();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(30) {
        let attached = Stack::attach(stack.name()).unwrap();
        if is_there(&attached) {
            return attached;
        }
        sleep(Duration::from_millis(50));
    }
    panic!("not deployed within half a minute")
}
