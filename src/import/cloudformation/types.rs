//! What CloudFormation calls things that the table of Terraform's types knows under other names.

/// Types whose names do not follow from CloudFormation's.
const TYPES: &[(&str, &str)] = &[
    ("AWS::EC2::Instance", "aws_instance"),
    ("AWS::EC2::VPC", "aws_vpc"),
    ("AWS::EC2::Subnet", "aws_subnet"),
    ("AWS::EC2::SecurityGroup", "aws_security_group"),
    ("AWS::EC2::SecurityGroupIngress", "aws_vpc_security_group_ingress_rule"),
    ("AWS::EC2::SecurityGroupEgress", "aws_vpc_security_group_egress_rule"),
    ("AWS::EC2::Volume", "aws_ebs_volume"),
    ("AWS::EC2::VolumeAttachment", "aws_volume_attachment"),
    ("AWS::EC2::EIP", "aws_eip"),
    ("AWS::EC2::EIPAssociation", "aws_eip"),
    ("AWS::EC2::NatGateway", "aws_nat_gateway"),
    ("AWS::EC2::FlowLog", "aws_flow_log"),
    ("AWS::EC2::LaunchTemplate", "aws_launch_template"),
    ("AWS::EC2::NetworkInterface", "aws_network_interface"),
    ("AWS::EC2::VPCEndpoint", "aws_vpc_endpoint"),
    ("AWS::EC2::VPCPeeringConnection", "aws_vpc_peering_connection"),
    ("AWS::EC2::RouteTable", "aws_route_table"),
    ("AWS::EC2::InternetGateway", "aws_internet_gateway"),
    ("AWS::EC2::VPNGateway", "aws_vpn_gateway"),
    ("AWS::EC2::NetworkAcl", "aws_network_acl"),
    ("AWS::RDS::DBInstance", "aws_db_instance"),
    ("AWS::RDS::DBCluster", "aws_rds_cluster"),
    ("AWS::RDS::DBSubnetGroup", "aws_db_subnet_group"),
    ("AWS::RDS::DBParameterGroup", "aws_db_parameter_group"),
    ("AWS::Neptune::DBCluster", "aws_neptune_cluster"),
    ("AWS::Neptune::DBInstance", "aws_neptune_cluster_instance"),
    ("AWS::Neptune::DBSubnetGroup", "aws_db_subnet_group"),
    ("AWS::DocDB::DBCluster", "aws_docdb_cluster"),
    ("AWS::DocDB::DBSubnetGroup", "aws_db_subnet_group"),
    ("AWS::ElastiCache::CacheCluster", "aws_elasticache_cluster"),
    ("AWS::ElasticLoadBalancing::LoadBalancer", "aws_elb"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "aws_lb"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "aws_lb_target_group"),
    ("AWS::ElasticLoadBalancingV2::Listener", "aws_lb_listener"),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "aws_lb_listener_rule"),
    ("AWS::AutoScaling::AutoScalingGroup", "aws_autoscaling_group"),
    ("AWS::AutoScaling::LaunchConfiguration", "aws_launch_configuration"),
    ("AWS::IAM::Policy", "aws_iam_role_policy"),
    ("AWS::IAM::ManagedPolicy", "aws_iam_policy"),
    ("AWS::IAM::UserToGroupAddition", "aws_iam_group_membership"),
    ("AWS::Logs::LogGroup", "aws_cloudwatch_log_group"),
    ("AWS::Events::Rule", "aws_cloudwatch_event_rule"),
    ("AWS::CloudWatch::Alarm", "aws_cloudwatch_metric_alarm"),
    ("AWS::CloudTrail::Trail", "aws_cloudtrail"),
    ("AWS::Config::ConfigurationRecorder", "aws_config_configuration_recorder"),
    ("AWS::CertificateManager::Certificate", "aws_acm_certificate"),
    ("AWS::ApiGateway::RestApi", "aws_api_gateway_rest_api"),
    ("AWS::ApiGateway::Stage", "aws_api_gateway_stage"),
    ("AWS::ApiGateway::Method", "aws_api_gateway_method"),
    ("AWS::ApiGateway::Deployment", "aws_api_gateway_deployment"),
    ("AWS::StepFunctions::StateMachine", "aws_sfn_state_machine"),
    ("AWS::SNS::Subscription", "aws_sns_topic_subscription"),
    ("AWS::SNS::TopicPolicy", "aws_sns_topic_policy"),
    ("AWS::SQS::QueuePolicy", "aws_sqs_queue_policy"),
    ("AWS::CodePipeline::Pipeline", "aws_codepipeline"),
    ("AWS::KinesisFirehose::DeliveryStream", "aws_kinesis_firehose_delivery_stream"),
    ("AWS::OpenSearchService::Domain", "aws_opensearch_domain"),
    ("AWS::Elasticsearch::Domain", "aws_elasticsearch_domain"),
    ("AWS::AmazonMQ::Broker", "aws_mq_broker"),
    ("AWS::CloudFront::CloudFrontOriginAccessIdentity", "aws_cloudfront_origin_access_identity"),
    ("AWS::DirectoryService::MicrosoftAD", "aws_directory_service_directory"),
    ("AWS::DirectoryService::SimpleAD", "aws_directory_service_directory"),
    ("AWS::EKS::Nodegroup", "aws_eks_node_group"),
    ("AWS::Lambda::Url", "aws_lambda_function_url"),
    ("AWS::AppRunner::Service", "aws_apprunner_service"),
    ("AWS::Serverless::Function", "aws_lambda_function"),
    ("AWS::Serverless::Api", "aws_api_gateway_rest_api"),
    ("AWS::Serverless::HttpApi", "aws_apigatewayv2_api"),
    ("AWS::Serverless::SimpleTable", "aws_dynamodb_table"),
];

/// Parameters that stand for something that is there already.
pub(super) const PARAMETERS: &[(&str, &str)] = &[
    ("AWS::EC2::VPC::Id", "aws_vpc"),
    ("AWS::EC2::Subnet::Id", "aws_subnet"),
    ("List<AWS::EC2::Subnet::Id>", "aws_subnet"),
    ("AWS::EC2::SecurityGroup::Id", "aws_security_group"),
    ("List<AWS::EC2::SecurityGroup::Id>", "aws_security_group"),
];

/// Types that no model holds.
const NOISE: &[&str] = &[
    "AWS::CloudFormation::",
    "AWS::CDK::Metadata",
    "Custom::",
    "AWS::EC2::Route",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::DHCPOptions",
    "AWS::EC2::VPCDHCPOptionsAssociation",
    "AWS::AutoScaling::ScalingPolicy",
    "AWS::AutoScaling::ScheduledAction",
    "AWS::Route53::RecordSet",
    "AWS::CloudWatch::Dashboard",
    "AWS::Lambda::Version",
    "AWS::Lambda::Alias",
];

/// The type of the table that a type of CloudFormation is; none for what the table does not know.
pub(super) fn table_type(kind: &str) -> String {
    if let Some((_, known)) = TYPES.iter().find(|(theirs, _)| *theirs == kind) {
        return (*known).to_owned();
    }
    let mut parts = kind.split("::").skip(1);
    let (service, resource) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!("aws_{}_{}", service.to_ascii_lowercase(), snake(resource))
}

/// Whether a type is understood to be nothing that a model holds.
pub(super) fn is_noise(kind: &str) -> bool {
    NOISE.iter().any(|noise| if noise.ends_with("::") { kind.starts_with(noise) } else { kind == *noise })
}

/// Properties whose names do not follow from CloudFormation's, by type of the table; an empty type is every type.
const PROPERTIES: &[(&str, &str, &str)] = &[
    ("", "SecurityGroupIngress", "ingress"),
    ("", "CidrIp", "cidr_blocks"),
    ("", "CidrIpv6", "ipv6_cidr_blocks"),
    ("", "SourceSecurityGroupId", "security_groups"),
    ("", "AssumeRolePolicyDocument", "assume_role_policy"),
    ("", "PolicyDocument", "policy"),
    ("", "KeyPolicy", "policy"),
    ("", "VPCSecurityGroups", "vpc_security_group_ids"),
    ("", "TargetGroupARNs", "target_group_arns"),
    ("", "VPCZoneIdentifier", "vpc_zone_identifier"),
    ("", "EnableIAMDatabaseAuthentication", "iam_database_authentication_enabled"),
    ("", "EnableCloudwatchLogsExports", "enabled_cloudwatch_logs_exports"),
    ("aws_dynamodb_table", "SSESpecification", "server_side_encryption"),
    ("aws_dynamodb_table", "KMSMasterKeyId", "kms_key_arn"),
    ("aws_dynamodb_table", "PointInTimeRecoverySpecification", "point_in_time_recovery"),
    ("aws_dynamodb_table", "PointInTimeRecoveryEnabled", "enabled"),
    ("", "BucketEncryption", "server_side_encryption_configuration"),
    ("", "DefaultActions", "default_action"),
    ("aws_lb_listener_rule", "Actions", "action"),
    ("aws_eks_cluster", "ResourcesVpcConfig", "vpc_config"),
    ("", "LaunchConfigurationName", "launch_configuration"),
    ("", "LoadBalancerNames", "load_balancers"),
    ("aws_launch_template", "SecurityGroupIds", "vpc_security_group_ids"),
    ("aws_launch_template", "KmsKeyId", "kms_key_id"),
    ("aws_autoscaling_group", "LaunchTemplateId", "id"),
    ("aws_instance", "SecurityGroupIds", "vpc_security_group_ids"),
    ("aws_instance", "ImageId", "ami"),
    ("aws_instance", "BlockDeviceMappings", "ebs_block_device"),
    ("aws_launch_configuration", "BlockDeviceMappings", "root_block_device"),
    ("aws_vpc_security_group_ingress_rule", "GroupId", "security_group_id"),
    ("aws_vpc_security_group_ingress_rule", "CidrIp", "cidr_ipv4"),
    ("aws_vpc_security_group_ingress_rule", "SourceSecurityGroupId", "referenced_security_group_id"),
    ("aws_iam_role_policy", "Roles", "role"),
    ("aws_iam_group_membership", "GroupName", "group"),
    ("aws_iam_role", "Policies", "inline_policy"),
    ("aws_iam_user", "Policies", "inline_policy"),
    ("aws_sqs_queue_policy", "Queues", "queue_url"),
    ("aws_sns_topic_policy", "Topics", "arn"),
    ("aws_eip", "InstanceId", "instance"),
    ("aws_volume_attachment", "InstanceId", "instance_id"),
    ("aws_eks_cluster", "Name", "name"),
    ("aws_eks_node_group", "NodeRole", "node_role_arn"),
    ("aws_eks_node_group", "Subnets", "subnet_ids"),
    ("aws_cloudtrail", "IsLogging", "enable_logging"),
    ("aws_cloudtrail", "CloudWatchLogsLogGroupArn", "cloud_watch_logs_group_arn"),
    ("aws_lambda_permission", "FunctionName", "function_name"),
    ("aws_lambda_function_url", "TargetFunctionArn", "function_name"),
    ("aws_lambda_function_url", "AuthType", "authorization_type"),
    ("aws_elb", "Instances", "instances"),
    ("aws_flow_log", "ResourceId", "vpc_id"),
    ("aws_flow_log", "DeliverLogsPermissionArn", "iam_role_arn"),
    ("aws_ecs_service", "AwsvpcConfiguration", ""),
    ("aws_ecs_service", "LoadBalancers", "load_balancer"),
    ("aws_lb_listener", "Certificates", ""),
    ("aws_cloudfront_distribution", "DistributionConfig", ""),
    ("aws_launch_template", "LaunchTemplateData", ""),
    ("aws_db_subnet_group", "SubnetIds", "subnet_ids"),
    ("aws_kms_alias", "TargetKeyId", "target_key_id"),
    ("aws_sns_topic_subscription", "TopicArn", "topic_arn"),
];

/// What the table calls a property; empty where what the property holds stands in its place.
pub(super) fn attribute(kind: &str, property: &str) -> String {
    let known = |of: &str| PROPERTIES.iter().find(|(its, theirs, _)| *its == of && *theirs == property);
    match known(kind).or_else(|| known("")) {
        Some((_, _, ours)) => (*ours).to_owned(),
        None => snake(property),
    }
}

/// `DBSubnetGroupName` as `db_subnet_group_name`.
pub(super) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (ix, &letter) in letters.iter().enumerate() {
        let before = ix.checked_sub(1).map(|ix| letters[ix]);
        let after = letters.get(ix + 1);
        let begins = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            });
        if begins {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// An attribute of the table as the author of a template writes it: `vpc_config.subnet_ids` as `VpcConfig.SubnetIds`.
pub(in crate::import) fn written_as(kind: &str, path: &str) -> String {
    let part = |part: &str| {
        let known = |of: &str| PROPERTIES.iter().find(|(its, _, ours)| *its == of && *ours == part);
        if let Some((_, theirs, _)) = known(kind).or_else(|| known("")) {
            return (*theirs).to_owned();
        }
        let words = part.split('_').map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
        });
        words.collect::<String>()
    };
    path.split('.').map(part).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_tables() {
        assert_eq!(snake("DBSubnetGroupName"), "db_subnet_group_name");
        assert_eq!(snake("KmsKeyId"), "kms_key_id");
        assert_eq!(table_type("AWS::Lambda::EventSourceMapping"), "aws_lambda_event_source_mapping");
        assert_eq!(table_type("AWS::DynamoDB::Table"), "aws_dynamodb_table");
        assert_eq!(attribute("aws_instance", "SecurityGroupIds"), "vpc_security_group_ids");
        assert_eq!(written_as("aws_lambda_function", "vpc_config.subnet_ids"), "VpcConfig.SubnetIds");
    }
}
